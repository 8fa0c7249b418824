"""The entry point: finds the command, turns errors into messages and exit codes (STYLE.md)."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from importlib import import_module
from pathlib import Path

import click

from overhaul import __version__
from overhaul.flows.light_process import leave_out_unused
from overhaul.flows.plain_text import visible
from overhaul.flows.settings import Settings

COMMANDS = {
    "demo": "demonstration:demo",
    "recipes": "author_commands:recipes",
    "scan": "recipe_commands:scan",
    "preview": "recipe_commands:preview",
    "apply": "recipe_commands:apply",
    "graph": "graph_commands:graph",
    "review": "review_commands:review",
    "run": "run_commands:run",
    "new": "new_command:new",
    "validate": "campaign_commands:validate",
    "status": "run_commands:status",
    "show": "run_commands:show",
    "logs": "run_commands:logs",
    "resume": "run_commands:resume",
    "retry": "campaign_commands:retry",
    "rollback": "campaign_commands:rollback",
    "report": "report_commands:report",
    "gates": "gate_commands:gates",
    "approve": "gate_commands:approve",
    "reject": "gate_commands:reject",
    "revise": "gate_commands:revise",
    "comment": "gate_commands:comment",
    "checkout": "handoff_commands:checkout",
    "return": "handoff_commands:hand_back",
    "serve": "server_commands:serve",
    "deploy": "deploy_commands:deploy",
    "webhook": "webhook_command:webhook",
    "notify": "notify_commands:notify",
    "environments": "environment_commands:environments",
    "distill": "distill_commands:distill",
    "mcp": "mcp_commands:mcp",
    "bench": "bench_command:bench",
    "doctor": "doctor_command:doctor",
}


class Commands(click.Group):
    """Imports a command's module when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"overhaul.flows.command_line.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from overhaul.refactors.errors import did_you_mean

            ctx.fail(f"there is no command '{args[0]}'.{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="overhaul")
def overhaul() -> None:
    """Large codebase refactors: proved edits, tested commits, pull requests that people approve.

    Look without writing: scan, preview, graph. Edit in place: apply. The whole pipeline: run. Try it: demo.
    """


def run() -> None:
    """Run the command line and leave the process with its exit code."""
    leave_out_unused()
    code = main(sys.argv[1:])
    if "prefect" in sys.modules:
        sys.exit(code)
    # No other thread or child is left here, and taking apart all that was parsed is a fifth of a long analysis.
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def main(arguments: list[str]) -> int:
    """Run one command; return its exit code: 0, 1 a user's error, 2 usage, 3 a bug, 130 interrupted."""
    try:
        result = overhaul.main(args=arguments, prog_name="overhaul", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.UsageError as error:
        error.show()
        return 2
    except click.ClickException as error:
        return _fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted. See what is unfinished with: overhaul status", err=True)
        return 130
    except BrokenPipeError:
        # The reader has gone (`overhaul scan | head`); what is still buffered would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if isinstance(error, UnicodeEncodeError) and (
            wrong := [each for each in arguments if _has_bytes(each)]
        ):
            return _fail(f"'{wrong[0]}' is not UTF-8, which cannot be recorded. Write it in UTF-8.", 2)
        return _explain(error)


def _has_bytes(argument: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in argument)


def _explain(error: Exception) -> int:
    if _is_expected(error):
        return _fail(str(error))
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        place = error.filename or Settings.from_environment().home
        return _fail(f"no space left on the device ({place}). Make room and try again.")
    if _is_unreachable_server(error):
        return _fail(
            f"the Prefect server at {os.environ.get('PREFECT_API_URL', 'its address')} does not answer ({error})."
            " Start it again (ours starts by itself), then go on with: overhaul status, overhaul resume RUN"
        )
    if isinstance(error, PermissionError):
        return _fail(f"{error.filename}: permission denied.")
    log = _write_crash_log(error)
    click.echo(
        f"error: this is a bug in overhaul: {type(error).__name__}: {error}\nWhat happened is in {log}",
        err=True,
    )
    return 3


def _is_unreachable_server(error: Exception) -> bool:
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    return "httpx.TransportError" in names


def _is_expected(error: Exception) -> bool:
    """Whether it is an error of ours with a message for the user; compares names so as to import no package."""
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    return bool(
        names
        & {
            "overhaul.flows.errors.OverhaulError",
            "overhaul.refactors.errors.RefactorError",
            "overhaul.sandbox.errors.SandboxError",
        }
    )


def _fail(message: str, code: int = 1) -> int:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {visible(message)}", err=True)
    return code


def _write_crash_log(error: Exception) -> Path:
    import traceback
    from datetime import UTC, datetime

    folder = Settings.from_environment().logs
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return path
