"""`gates`, `approve`, `reject`, `revise` and `comment`: a person's answers."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, note, print_json
from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from overhaul.flows.gates import OpenGate
    from overhaul.flows.results import RunResult


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def gates(as_json: bool) -> None:
    """List the decisions that wait for somebody."""
    settings = Settings.from_environment()
    with Progress("gates").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.runs import list_open_gates

        with get_client(sync_client=True) as client:
            waiting = list_open_gates(client)
    if as_json:
        print_json({"gates": [_row(each) for each in waiting]})
        return
    if not waiting:
        note("no decision is waiting.")
    for each in waiting:
        question = each.question
        click.echo(
            f"{click.style(each.run_id[:8], bold=True)}  {question.gate}  {question.repository}"
            f"  asked {question.asked_at[:16].replace('T', ' ')}"
        )
        click.echo("  " + on_one_line(question.summary.strip().split("\n", 1)[0].strip("# ")))
    if waiting:
        note(
            "Look: overhaul show RUN [--diff]   Answer: overhaul approve RUN | overhaul reject RUN --comment TEXT"
            " | overhaul revise RUN --comment TEXT"
        )


@click.command()
@click.argument("run_text", metavar="RUN")
@click.option("--comment", default="", help="Why; it is kept with the run and shown in the pull request.")
@click.option(
    "--without",
    "set_aside",
    multiple=True,
    metavar="PATH",
    help="A file to leave as it is; the rest goes on.",
)
@click.option("--approver", default=None, help="Who decides.  [default: your user name]")
@click.option(
    "--hash",
    "expected",
    default=None,
    help="Approve only if the gate still shows this (from `gates --json`).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def approve(
    run_text: str,
    comment: str,
    set_aside: tuple[str, ...],
    approver: str | None,
    expected: str | None,
    as_json: bool,
) -> int:
    """Approve what a run asks at its gate, and carry the run on."""
    reply = Reply("approve", comment, approver, set_aside, expected)
    return _answer_and_finish(run_text, reply, as_json)


@click.command()
@click.argument("run_text", metavar="RUN")
@click.option("--comment", required=True, help="Why; it is kept with the run.")
@click.option("--approver", default=None, help="Who decides.  [default: your user name]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def reject(run_text: str, comment: str, approver: str | None, as_json: bool) -> int:
    """Reject what a run asks at its gate; nothing of it is published."""
    if not comment.strip():
        raise click.UsageError("--comment says why; it cannot be empty.")
    return _answer_and_finish(run_text, Reply("reject", comment, approver), as_json)


@click.command()
@click.argument("run_text", metavar="RUN")
@click.option(
    "--comment", required=True, help="What shall change; it reopens the plan, and the gate asks again."
)
@click.option("--without", "set_aside", multiple=True, metavar="PATH", help="A file to leave as it is.")
@click.option("--approver", default=None, help="Who decides.  [default: your user name]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def revise(
    run_text: str, comment: str, set_aside: tuple[str, ...], approver: str | None, as_json: bool
) -> int:
    """Send a change back with a comment: it is planned again, and the plan is asked about."""
    return _answer_and_finish(run_text, Reply("revise", comment, approver, set_aside), as_json)


@click.command()
@click.argument("run_text", metavar="RUN")
@click.argument("text", metavar="TEXT")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def comment(run_text: str, text: str, as_json: bool) -> int:
    """Comment on a run's pull request. `@overhaul approve` and the like answer its gate.

    TEXT is `@overhaul approve`, `@overhaul approve without PATH...`, `@overhaul reject REASON`,
    `@overhaul revise WHAT`, or anything else. It counts if you may write to the repository.
    """
    if not text.strip():
        raise click.UsageError("TEXT is what to say; it cannot be empty.")
    from overhaul.flows.command_line.run_commands import exit_code, print_results

    settings = Settings.from_environment()
    with Progress("comment").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.forges.choose import forge_of
        from overhaul.flows.runs import find_run, result_of

        with get_client(sync_client=True) as client:
            flow_run = find_run(client, run_text)
            result = result_of(client, flow_run)
        if result.pull_request is None:
            raise click.ClickException(
                f"run {str(flow_run.id)[:8]} has no pull request to comment on. Answer its gate with: overhaul approve"
                f" {str(flow_run.id)[:8]} | reject | revise; --gate publish=draft makes a draft first."
            )
        was_asked = flow_run.state is not None and flow_run.state.is_paused()
        repository, branch = result.repository, result.branch or ""
        with forge_of(repository) as (forge, _):
            before = len(forge.talk(repository, branch))
            forge.comment(repository, branch, getpass.getuser(), text, os.access(repository, os.W_OK))
        result = _what_came_of_it(str(flow_run.id), text, settings, progress)
        with forge_of(repository) as (forge, _):
            replies = [each for each in forge.talk(repository, branch)[before:] if each[1] != text]
    for who, what in replies:
        note(f"{who}: {what}")
    if not was_asked and text.lstrip().startswith("@overhaul"):
        note(f"run {run_text} waited at no gate, so nothing was decided; the comment stands there.")
    if as_json:
        print_json({"runs": [result.to_json()]})
    else:
        print_results([result])
    return exit_code([result])


def _what_came_of_it(run_id: str, text: str, settings: Settings, progress: Progress) -> RunResult:
    """Carry the run on if the comment answered its gate; the watcher may have read it first and does so then."""
    from uuid import UUID

    from prefect.client.orchestration import get_client

    from overhaul.flows.command_line.run_commands import finish
    from overhaul.flows.runs import result_of, wait_for_runner
    from overhaul.flows.watcher import look_at, was_read

    if look_at(run_id):
        return finish(run_id, settings, progress)
    with get_client(sync_client=True) as client:
        if was_read(client, run_id, text):
            return wait_for_runner(client, run_id, progress)
        return result_of(client, client.read_flow_run(UUID(run_id)))


def ask_at_terminal(run_id: str, settings: Settings) -> bool:
    """Ask the person at the terminal. Returns False if the decision is left for later."""
    from prefect.client.orchestration import get_client
    from rich.console import Console
    from rich.markdown import Markdown

    from overhaul.flows.errors import AnswerRefused
    from overhaul.flows.gate_rules import Decision, Given, paths_in
    from overhaul.flows.gates import answer
    from overhaul.flows.runs import describe, diff_of, find_run, gate_of

    with get_client(sync_client=True) as client:
        gate = gate_of(client, run_id)
        Console(stderr=True).print(Markdown(gate.question.summary))
        while True:
            choice = click.prompt(
                f"Gate '{gate.question.gate}': [a]pprove, approve [w]ithout some files, [r]eject, re[v]ise,"
                " show the [d]iff, decide [l]ater",
                type=click.Choice(["a", "w", "r", "v", "d", "l"]), show_choices=False, err=True,
            )  # fmt: skip
            if choice == "d":
                shown = describe(client, find_run(client, run_id), settings)
                click.echo_via_pager(visible(diff_of(shown, settings).decode(errors="replace")))
            elif choice == "l":
                return False
            else:
                decision = {"r": Decision.reject, "v": Decision.revise}.get(choice, Decision.approve)
                aside = paths_in(click.prompt("Without (paths)", err=True)) if choice == "w" else ()
                comment = click.prompt("Comment", default="", show_default=False, err=True)
                given = Given(decision, comment, getpass.getuser(), tuple(aside), "terminal")
                try:
                    answer(client, gate, given)
                except AnswerRefused as error:
                    note(str(error))
                else:
                    return True


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody says at a gate, as the command line takes it. `expected` is the hash that must still be shown."""

    decision: str
    comment: str
    approver: str | None = None
    set_aside: tuple[str, ...] = ()
    expected: str | None = None


def _answer_and_finish(run_text: str, reply: Reply, as_json: bool) -> int:
    from overhaul.flows.command_line.run_commands import exit_code, finish, print_results

    settings = Settings.from_environment()
    with Progress(reply.decision).live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.errors import NothingToAnswer
        from overhaul.flows.gate_rules import Decision, Given
        from overhaul.flows.gates import answer
        from overhaul.flows.runs import find_run, gate_of

        with get_client(sync_client=True) as client:
            gate = gate_of(client, str(find_run(client, run_text).id))
            if reply.expected is not None and reply.expected != gate.question.hash:
                raise NothingToAnswer(
                    f"the gate shows {gate.question.hash} by now, not {reply.expected}."
                    f" Look again: overhaul show {run_text} --diff"
                )
            who = reply.approver or getpass.getuser()
            answer(
                client, gate, Given(Decision(reply.decision), reply.comment, who, reply.set_aside, "terminal")
            )
        result = finish(gate.run_id, settings, progress)
        notes = _notes_of(gate.run_id) if result.status == "waiting" else []
    for each in notes:
        note(each)
    if as_json:
        print_json({"runs": [result.to_json()]})
    else:
        print_results([result])
    sys.stdout.flush()
    return exit_code([result])


def _notes_of(run_id: str) -> list[str]:
    """Why the gate asks again: the answers that have not counted, and who is missing."""
    from prefect.client.orchestration import get_client

    from overhaul.flows.runs import gate_of

    with get_client(sync_client=True) as client:
        return gate_of(client, run_id).question.notes


def _row(gate: OpenGate) -> dict[str, Any]:
    question = gate.question
    return {
        "run_id": gate.run_id,
        "repository": question.repository,
        "gate": question.gate,
        "summary": question.summary,
        "hash": question.hash,
        "asked_at": question.asked_at,
        "deadline": question.deadline or None,
        "page": question.page or None,
        "notes": question.notes,
    }
