"""The command as a person meets it: help, errors, exit codes and JSON."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from overhaul.flows.command_line.interrupts import unless_interrupted
from overhaul.flows.command_line.main import COMMANDS
from overhaul.flows.command_line.tables import add_row, make_table, print_table
from overhaul.flows.results import RunResult
from overhaul.flows.settings import Settings
from overhaul.sandbox.environment import detect
from overhaul.sandbox.process import ProcessProvider
from tests.flows.conftest import Overhaul, rename
from tests.flows.repositories import git, make_repository
from tests.flows.test_refactor_repository import only_run, wait_until
from tests.refactors.agent.model_server import Say, serving

LIBRARY = {
    "pkg/__init__.py": "from pkg.core import old_name\n",
    "pkg/core.py": "def old_name():\n    return 1\n",
    "broken.py": "def old_name(:\n",
}
RENAME = ("rename-symbol", "-p", "old=pkg.core.old_name", "-p", "new=new_name")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in LIBRARY.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_markup_in_a_name_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    table = make_table("campaign", "repository")
    add_row(table, "[/red]", "[red]acme")
    print_table(table)
    shown = capsys.readouterr().out
    assert "[/red]" in shown
    assert "[red]acme" in shown


def test_argument_that_is_no_utf8_is_an_error_of_the_user(overhaul: Overhaul) -> None:
    done = overhaul("status", "spring\udcff")
    assert (done.exit_code, "'spring\\xff' is not UTF-8" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, overhaul: Overhaul) -> None:
    done = overhaul(command, "--help")
    assert (done.exit_code, done.stdout.startswith("Usage: overhaul")) == (0, True)


def test_help_scan_preview_and_apply_import_neither_prefect_nor_libcst(folder: Path) -> None:
    program = (
        "import sys\nfrom overhaul.flows.command_line.main import main\n"
        f"for words in (['--help'], ['scan', *{RENAME!r}, {str(folder)!r}], ['preview', *{RENAME!r}, {str(folder)!r}],"
        f" ['apply', *{RENAME!r}, {str(folder)!r}]):\n"
        "    assert main(words) == 0, words\n"
        "print(sorted({'prefect', 'libcst', 'docker', 'pydantic', 'rich', 'sqlalchemy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_scan_prints_one_document_and_writes_nothing(overhaul: Overhaul, folder: Path) -> None:
    document = overhaul("scan", *RENAME, "--json", folder).json
    assert set(document) == {"recipe", "parameters", "files_scanned", "sites", "failures", "outside"}
    assert [(site["path"], site["line"], site["column"], site["status"]) for site in document["sites"]] == [
        ("broken.py", 1, 5, "unresolved"), ("pkg/__init__.py", 1, 22, "resolved"), ("pkg/core.py", 1, 5, "resolved"),
    ]  # fmt: skip
    assert [failure["path"] for failure in document["failures"]] == ["broken.py"]
    assert {name: (folder / name).read_text() for name in LIBRARY} == LIBRARY


def test_preview_is_a_diff_that_git_applies_to_what_apply_writes(overhaul: Overhaul, folder: Path) -> None:
    patch = overhaul("preview", *RENAME, folder).stdout
    git(folder, "init", "--quiet")
    (folder / "change.patch").write_text(patch)
    git(folder, "apply", "change.patch")
    by_git = {name: (folder / name).read_text() for name in LIBRARY}
    git(folder, "apply", "--reverse", "change.patch")
    document = overhaul("apply", *RENAME, "--json", folder).json
    assert {name: (folder / name).read_text() for name in LIBRARY} == by_git
    assert [(edit["path"], edit["sites"]) for edit in document["edits"]] == [
        ("pkg/__init__.py", 1),
        ("pkg/core.py", 1),
    ]


MOVE = ("move-symbol", "-p", "symbol=pkg.core.old_name", "-p", "to=pkg.deep.new")
CREATED = ["pkg/deep/__init__.py", "pkg/deep/new.py"]


def test_created_file_is_previewed_as_git_takes_it_and_applied(overhaul: Overhaul, folder: Path) -> None:
    (folder / "broken.py").unlink()
    patch = overhaul("preview", *MOVE, folder).stdout
    git(folder, "init", "--quiet")
    (folder / "change.patch").write_text(patch)
    git(folder, "apply", "change.patch")
    names = ["pkg/__init__.py", "pkg/core.py", *CREATED]
    by_git = {name: (folder / name).read_text() for name in names}
    git(folder, "apply", "--reverse", "change.patch")
    assert not (folder / "pkg/deep").exists()
    document = overhaul("apply", *MOVE, "--json", folder).json
    assert {name: (folder / name).read_text() for name in names} == by_git
    assert [edit["path"] for edit in document["edits"] if edit["created"]] == CREATED


def test_apply_never_overwrites_a_file_that_it_would_create(overhaul: Overhaul, folder: Path) -> None:
    (folder / "pkg/deep").mkdir()
    (folder / "pkg/deep/new.txt").write_text("kept")
    assert "created " in overhaul("apply", *MOVE, folder).stdout
    done = overhaul("apply", "move-symbol", "-p", "symbol=pkg.deep.new.old_name", "-p", "to=pkg.core", folder)
    assert done.exit_code == 0, done.stderr
    assert (folder / "pkg/deep/new.txt").read_text() == "kept"


def test_long_analysis_is_remembered_until_something_matters(overhaul: Overhaul, tmp_path: Path) -> None:
    lines = "".join(f"def use_{number}(value):\n    return [value, old_name()]\n" for number in range(3000))
    files = {f"pkg/part{number}.py": f"from pkg.core import old_name\n\n{lines}" for number in range(12)}
    root = make_repository(tmp_path / "large", {**LIBRARY, **files})
    written = time.time()
    wait_until(lambda: time.time() > written + 2.1)  # a file system's clock may be behind
    first, second = (overhaul("scan", *RENAME, root) for _ in range(2))
    assert first.stdout == second.stdout != ""
    assert "by an earlier command" not in first.stderr
    assert "by an earlier command" in second.stderr
    # A change that the repository's settings ask git not to notice.
    git(root, "config", "core.trustctime", "false")
    part = root / "pkg/part1.py"
    before = part.stat()
    part.write_text(part.read_text().replace("use_7(", "use_Z("))
    os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
    applied = overhaul("apply", *RENAME, root)
    assert (applied.exit_code, "by an earlier command" in applied.stderr) == (0, False), applied.stderr
    assert "def use_Z(value):\n    return [value, new_name()]" in part.read_text()


def test_libraries_among_the_paths_prove_what_their_users_import(
    overhaul: Overhaul, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    user = tmp_path_factory.mktemp("user")
    (user / "app.py").write_text("from pkg import old_name\n\nold_name()\n")
    overhaul("apply", *RENAME, folder, user)
    assert (user / "app.py").read_text() == "from pkg import new_name\n\nnew_name()\n"


def test_path_inside_another_is_read_once(overhaul: Overhaul, folder: Path) -> None:
    document = overhaul("apply", *RENAME, "--json", folder, folder / "pkg").json
    assert [edit["path"] for edit in document["edits"]] == ["pkg/__init__.py", "pkg/core.py"]


def test_file_path_limits_the_edits_to_that_file(overhaul: Overhaul, folder: Path) -> None:
    document = overhaul("apply", *RENAME, "--json", folder / "pkg" / "core.py").json
    assert [edit["path"] for edit in document["edits"]] == ["pkg/core.py"]
    assert document["outside"] == [{"sites": 1, "files": 1, "root": str(folder)}]


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (["scan", "rename-symbl", "."], 1, "recipe 'rename-symbl' is unknown. Did you mean 'rename-symbol'"),
        (["scan", "rename-symbol", "-p", "odl=x", "."], 1, "has no parameter 'odl'. Did you mean 'old'?"),
        (["scan", "rename-symbol", "-p", "old=x", "."], 1, "needs the parameter 'new'"),
        (["scan", "rename-symbol", "-p", "old", "."], 2, "-p takes KEY=VALUE"),
        (["scan", *RENAME, "nowhere"], 1, "there is no file or folder nowhere"),
        (["scan", "rename-symbol", "-p", "old=pkg.core.old_nam", "-p", "new=x", "."], 1, "old_name"),
        (["scan", "rename-symbol", "-p", "old=pkg.core.old_name", "-p", "new=1x", "."], 1, "not a name"),
        (["scna"], 2, "there is no command 'scna'. Did you mean 'scan'?"),
        (["run", *RENAME, "."], 1, "not a git repository"),
        (["run", *RENAME, "nowhere"], 1, "there is no folder nowhere"),
        (["run", *RENAME, "--mode", "fast", "."], 2, "'read-only', 'auto', 'full'"),
        (["run", *RENAME, "--gate", "plan=perhaps", "."], 2, "plan=ask|auto"),
        (["run", *RENAME, "--gate", "publish={nedded: 2}", "."], 2, "there is no key 'nedded'"),
        (
            ["run", *RENAME, "--gate", "publish={needed:2}", "."],
            2,
            "'needed:2' wants a space after the colon",
        ),
        (["run", "long.md", "."], 2, "has 100,001 bytes, and 100,000 are the most"),
        (["run", *RENAME, "--test-timeout", "0", "."], 2, "'--test-timeout'"),
        (["review"], 1, "is not a git repository. Name one"),
        (["comment", "x", " "], 2, "cannot be empty"),
        (["reject", "x"], 2, "Missing option '--comment'"),
        (["show", "no-such-run"], 1, "no run has the id or name 'no-such-run'. See: overhaul status"),
        (["approve", "no-such-run"], 1, "overhaul status"),
        (["resume", ""], 1, "no run has the id"),
        (["reject", "x", "--comment", " "], 2, "cannot be empty"),
    ],
)
def test_wrong_words_are_explained(
    words: list[str], exit_code: int, message: str, overhaul: Overhaul, folder: Path
) -> None:
    (folder / "long.md").write_text("x" * 100_001)
    done = overhaul(*words, cwd=folder)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert message in done.stderr


def test_name_that_is_taken_is_refused_with_its_place(overhaul: Overhaul, folder: Path) -> None:
    (folder / "pkg" / "core.py").write_text("def old_name():\n    return 1\n\n\nnew_name = 2\n")
    done = overhaul("apply", *RENAME, folder)
    assert done.exit_code == 1
    assert "pkg/core.py:5" in done.stderr


def test_nothing_found_beside_broken_files_is_unknown(overhaul: Overhaul, tmp_path: Path) -> None:
    source = make_repository(tmp_path / "r", {"pkg/core.py": "def old_name(:\n", "b.py": "import pkg.core\n"})
    done = overhaul("run", *RENAME, "--sandbox", "process", "--yes", "--json", source)
    assert (done.exit_code, only_run(done)["status"]) == (1, "unknown")


def test_symbol_that_no_repository_knows_is_an_error(overhaul: Overhaul, tmp_path: Path) -> None:
    source = make_repository(tmp_path / "r", {"a.py": "x = 1\n"})
    done = overhaul("run", *RENAME, "--sandbox", "process", "--yes", "--json", source)
    assert (done.exit_code, only_run(done)["status"]) == (1, "not found")


def test_recipes_lists_them_and_shows_one(overhaul: Overhaul) -> None:
    listed = overhaul("recipes", "--json").json["recipes"]
    assert {"rename-symbol", "replace-call"} <= {recipe["id"] for recipe in listed}
    shown = overhaul("recipes", "rename-symbol", "--json").json
    assert [each["name"] for each in shown["parameters"] if each["required"]] == ["old", "new"]
    assert all(each["help"] for each in shown["parameters"])
    assert shown["cases"]


def test_interrupt_keeps_what_was_finished(
    overhaul: Overhaul, environment: dict[str, str], new_acme: Path
) -> None:
    command = [
        str(Path(sys.executable).with_name("overhaul")),
        "run",
        *rename(),
        "--yes",
        "--json",
        str(new_acme),
    ]
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what it runs in the background with ^C ignored, and children inherit that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    runs = Path(environment["OVERHAUL_HOME"]) / "runs"
    before = {path.parent.parent for path in runs.glob("*/trees/*")}
    wait_until(lambda: any(path.parent.parent not in before for path in runs.glob("*/trees/*")))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "overhaul resume" in errors
    (stopped,) = [
        run for run in overhaul("status", "--json").json["runs"] if run["repository"] == str(new_acme)
    ]
    assert stopped["status"] == "interrupted"
    assert only_run(overhaul("resume", stopped["run_id"], "--json"))["status"] == "published"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """^C interrupts this process, also where tests run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("becomes", ["a cancelled call", "a failed run"])
@pytest.mark.usefixtures("interruptible")
def test_interrupt_is_one_whatever_a_library_makes_of_it(becomes: str) -> None:
    def work() -> RunResult:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
        except KeyboardInterrupt:
            if becomes == "a cancelled call":
                raise asyncio.CancelledError from None
        return RunResult("acme", "0123456789", "interrupted")

    with pytest.raises(KeyboardInterrupt):
        unless_interrupted(work)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_bug_is_said_to_be_one_and_kept_in_a_log(overhaul: Overhaul, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "server").write_text("a file where a folder belongs")
    done = overhaul("status", cwd=folder, OVERHAUL_HOME=str(tmp_path / "home"))
    assert done.exit_code == 3
    (log,) = (tmp_path / "home" / "logs").glob("crash-*.log")
    assert str(log) in done.stderr
    assert "Traceback" in log.read_text()


def test_output_that_nobody_reads_to_its_end_is_no_error(environment: dict[str, str], folder: Path) -> None:
    (folder / "many.py").write_text("from pkg.core import old_name\n" + "old_name()\n" * 20_000)
    command = f"{Path(sys.executable).with_name('overhaul')} scan {' '.join(RENAME)} {folder} | head -1"
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, check=False
    )
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/api", "nonsense"])
def test_server_of_the_users_that_does_not_answer_is_named(address: str, overhaul: Overhaul) -> None:
    done = overhaul("gates", PREFECT_API_URL=address)
    assert (done.exit_code, "PREFECT_API_URL" in done.stderr) == (1, True), done.stderr
    checks = {
        row["name"]: row for row in overhaul("doctor", "--json", PREFECT_API_URL=address).json["checks"]
    }
    assert checks["prefect server"]["status"] == "unusable"


def test_names_of_files_reach_a_person_without_their_control_characters(
    overhaul: Overhaul, folder: Path
) -> None:
    (folder / "x\x1b[31m\x07\u202e\nz.py").write_text("from pkg.core import old_name\n")
    done = overhaul("scan", *RENAME, folder)
    assert "x\\x1b[31m\\x07\\u202e\\nz.py:1:22: resolved" in done.stdout
    assert "\x1b" not in done.stdout


def test_doctor_says_what_is_here(overhaul: Overhaul) -> None:
    with serving(Say("", (("report", '{"word": "ok"}'),))) as server:
        model = {
            "OPENAI_BASE_URL": server.base_url,
            "OPENAI_API_KEY": "not-to-be-seen",
            "OVERHAUL_MODEL": "m",
        }
        done = overhaul("doctor", "--json", **model)
    checks = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert done.exit_code == 0
    assert checks["model"]["detail"].endswith("Responses; calls tools")
    assert "not-to-be-seen" not in done.stdout + done.stderr
    assert checks["git"]["status"] == "ok"
    assert checks["sandbox process"]["status"] == "ok"
    assert checks["sandbox docker"]["status"] == "ok" or checks["sandbox docker"]["advice"]


def test_names_that_are_no_utf8_are_escaped_in_json(folder: Path, overhaul: Overhaul) -> None:
    name = os.fsdecode(b"raw\xff.py")
    (folder / name).write_text("from pkg.core import old_name\n")
    done = overhaul("scan", *RENAME, folder, "--json")
    assert name in {site["path"] for site in done.json["sites"]}
    assert "raw\\udcff.py" in done.stdout


def test_environments_are_listed_and_removed(overhaul: Overhaul, tmp_path: Path) -> None:
    home = {"OVERHAUL_HOME": str(tmp_path / "home")}
    assert overhaul("environments", **home).stderr.startswith("no environment is kept here")
    source = tmp_path / "source"
    source.mkdir()
    provider = ProcessProvider(Settings(tmp_path / "home").sandbox)
    made = provider.prepare(detect(source), source, tmp_path / "log")
    (kept,) = overhaul("environments", "--json", **home).json["environments"]
    assert (kept["tier"], kept["fingerprint"]) == ("process", made.fingerprint)
    assert made.fingerprint[:12] in overhaul("environments", **home).stdout
    asked = overhaul("environments", "refresh", made.fingerprint[:8], "--json", **home).json["to_refresh"]
    assert [each["fingerprint"] for each in asked] == [made.fingerprint]
    unknown = overhaul("environments", "refresh", "x", **home)
    assert (unknown.exit_code, "no environment is called 'x'" in unknown.stderr) == (1, True)
    assert overhaul("environments", "prune", "--json", **home).json == {"removed": [], "in_use": []}
    assert "1 environment removed" in overhaul("environments", "prune", "--unused-for", "0", **home).stderr
    assert overhaul("environments", "--json", **home).json == {"environments": []}
