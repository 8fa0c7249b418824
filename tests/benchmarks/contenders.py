"""The tools and the command line with which each does the benchmark's work, as a user would run it."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
OLD = "django.utils.module_loading.import_string"
NEW = "import_dotted"
NAME = OLD.rpartition(".")[2]
OVERHAUL, SCAN, PREFILTERED, WHOLE_TREE = "overhaul apply", "overhaul scan", "rg, ast-grep", "ast-grep"
WARM = "overhaul apply after scan"
# A call in 170 files of Home Assistant, one that is everywhere, and one that is nowhere.
SOME_CALLS = ("asyncio.gather($$$A)", "asyncio.wait($$$A)")
MANY_CALLS = ("os.path.join($A, $B)", "os.path.normpath($A, $B)")
NO_CALLS = ("acme.frobnicate($A)", "acme.tweak($A)")

_ROPE = f"""
from pathlib import Path
from rope.base.project import Project
from rope.refactor.rename import Rename
# Without ignore_syntax_errors a test fixture of Django, broken on purpose, ends the run.
project = Project(".", ropefolder=None, ignore_syntax_errors=True, ignored_resources=["*.pyc", ".git"])
resource = project.get_resource("{OLD.rpartition(".")[0].replace(".", "/")}.py")
offset = resource.read().index("def {NAME}") + len("def ")
project.do(Rename(project, resource, offset).get_changes("{NEW}"))
"""


@dataclass(frozen=True)
class Contender:
    """One tool at one task on one corpus; `repeats` is how often it runs, the best time counts.

    `warm_up` runs once before them, in the home that they share; without it, each run has an empty home.
    """

    task: str
    tool: str
    corpus: str
    command: tuple[str, ...]
    repeats: int = 5
    is_slow: bool = False
    warm_up: tuple[str, ...] = ()


def overhaul(command: str, recipe: str, *parameters: str) -> tuple[str, ...]:
    """Return a command line of ours."""
    options = [word for each in parameters for word in ("-p", each)]
    return (str(BIN / "overhaul"), command, recipe, *options, ".")


def _ast_grep(pattern: str, replacement: str, *where: str) -> tuple[str, ...]:
    return (
        str(BIN / "ast-grep"), "run", "-j2", "-p", pattern, "-r", replacement, "-l", "python", "-U", *where,
    )  # fmt: skip


def _prefiltered(word: str, pattern: str, replacement: str) -> tuple[str, ...]:
    """The best peer: ripgrep finds the files with the word, ast-grep edits these."""
    edit = shlex.join(_ast_grep(pattern, replacement))
    return ("sh", "-c", f"rg -l -w {word} -t py | xargs -r {edit}")


_RENAME = ("rename-symbol", f"old={OLD}", f"new={NEW}")
_LIBCST = (sys.executable, "-m", "libcst.tool", "codemod", "--no-format")
_LIBCST_RENAME = (
    *_LIBCST, "rename.RenameCommand",
    f"--old_name={OLD}", f"--new_name={OLD.rpartition('.')[0]}.{NEW}", "django/",
)  # fmt: skip
_CODEMOD = "JoinToNormpath"
# On the files with the names only, and in one process: the tool's pool would be slower still.
_LIBCST_CODEMOD = (
    "sh", "-c",
    "git grep -lzw os -- '*.py' | xargs -0 grep -lZw path | xargs -0 grep -lZw join | xargs -0 "
    + shlex.join((*_LIBCST, "-x", "-j1", f"codemod.{_CODEMOD}")),
)  # fmt: skip


def _replace(calls: tuple[str, str]) -> tuple[str, ...]:
    return ("replace-call", f"pattern={calls[0]}", f"template={calls[1]}", "unused_imports=keep")


def _on_python_files(*command: str) -> tuple[str, ...]:
    """A tool that takes files, on all of them; it ends with 1 where it has changed something."""
    return ("sh", "-c", f"git ls-files -z '*.py' | xargs -0 {shlex.join(command)}; true")


def _ruff(rules: str) -> tuple[str, ...]:
    options = ("--fix", "--unsafe-fixes", "--isolated", "--no-cache", "--quiet", "--exit-zero")
    return (str(BIN / "ruff"), "check", *options, "--target-version", "py310", "--select", rules, ".")


def _cleaning() -> list[Contender]:
    """What tools do to all files at once: newer syntax, unused imports. They do not agree on what may be changed."""
    modernize, unused, formats = "modernize", "unused imports", "percent formats"
    return [
        Contender(modernize, OVERHAUL, "package", overhaul("apply", "modernize-syntax", "target=3.10"), 3),
        Contender(modernize, "ruff", "package", _ruff("UP"), 3),
        Contender(modernize, "pyupgrade", "package", _on_python_files(str(BIN / "pyupgrade"), "--py310-plus"), 1),
        Contender(
            formats, OVERHAUL, "package", overhaul("apply", "modernize-syntax", "target=3.10", "rules=percent-format"), 3,
        ),
        Contender(formats, "ruff", "package", _ruff("UP031,UP032"), 3),
        Contender(
            formats, "LibCST", "package",
            (*_LIBCST, "convert_percent_format_to_fstring.ConvertPercentFormatStringCommand", "."), 1, is_slow=True,
        ),
        Contender(unused, OVERHAUL, "package", overhaul("apply", "remove-unused", "kinds=imports"), 3),
        Contender(unused, "ruff", "package", _ruff("F401"), 3),
        Contender(
            unused, "LibCST", "package", (*_LIBCST, "remove_unused_imports.RemoveUnusedImportsCommand", "."), 1, is_slow=True,
        ),
    ]  # fmt: skip


def contenders() -> list[Contender]:
    """Return all of them; ours first at each task."""
    found = _cleaning()
    for corpus in ("package", "whole"):
        found += [
            Contender("rename", OVERHAUL, corpus, overhaul("apply", *_RENAME)),
            Contender("rename", SCAN, corpus, overhaul("scan", *_RENAME)),
            Contender("rename", PREFILTERED, corpus, _prefiltered(NAME, NAME, NEW)),
            Contender("rename", WHOLE_TREE, corpus, _ast_grep(NAME, NEW, ".")),
            Contender("rename", "rope", corpus, (sys.executable, "-c", _ROPE), 1, is_slow=True),
        ]
    found += [
        Contender("rename", "LibCST", "package", _LIBCST_RENAME, 1, is_slow=True),
        Contender("codemod", OVERHAUL, "whole", overhaul("apply", f"codemod:{_CODEMOD}"), 3),
        Contender("codemod", "LibCST", "whole", _LIBCST_CODEMOD, 1, is_slow=True),
    ]
    tasks = {
        "rename": (_RENAME, NAME, NAME, NEW),
        "replace call": (_replace(SOME_CALLS), "gather", *SOME_CALLS),
        "replace frequent call": (_replace(MANY_CALLS), "join", *MANY_CALLS),
        "nothing to do": (_replace(NO_CALLS), "frobnicate", *NO_CALLS),
    }
    for task, (recipe, word, pattern, replacement) in tasks.items():
        repeats = 2 if task == "replace frequent call" else 5
        found += [
            Contender(task, OVERHAUL, "ten thousand", overhaul("apply", *recipe), repeats),
            Contender(
                task, WARM, "ten thousand", overhaul("apply", *recipe), 5, warm_up=overhaul("scan", *recipe)
            ),
            Contender(task, PREFILTERED, "ten thousand", _prefiltered(word, pattern, replacement), repeats),
            Contender(task, WHOLE_TREE, "ten thousand", _ast_grep(pattern, replacement, "."), 1),
        ]
    found += [
        Contender("help", "overhaul --help", "hundred", (str(BIN / "overhaul"), "--help"), 10),
        Contender("rename", SCAN, "hundred", overhaul("scan", *_RENAME), 10),
    ]
    return found
