"""The tools and the command line with which each does the benchmark's work, as a user would run it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
OLD = "django.utils.module_loading.import_string"
NEW = "import_dotted"
NAME = OLD.rpartition(".")[2]
PATTERN, TEMPLATE = "os.path.join($A, $B)", "os.path.normpath($A, $B)"

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
    """One tool at one task on one corpus; `repeats` is how often it runs, the best time counts."""

    task: str
    tool: str
    corpus: str
    command: tuple[str, ...]
    repeats: int = 3


def _overhaul(command: str, recipe: str, *parameters: str) -> tuple[str, ...]:
    options = [word for each in parameters for word in ("-p", each)]
    return (str(BIN / "overhaul"), command, recipe, *options, ".")


def _ast_grep(pattern: str, replacement: str) -> tuple[str, ...]:
    return (str(BIN / "ast-grep"), "run", "-p", pattern, "-r", replacement, "-l", "python", "-U", ".")


_RENAME = ("rename-symbol", f"old={OLD}", f"new={NEW}")
_REPLACE = ("replace-call", f"pattern={PATTERN}", f"template={TEMPLATE}", "unused_imports=keep")
_LIBCST = (
    sys.executable, "-m", "libcst.tool", "codemod", "rename.RenameCommand",
    "--no-format", f"--old_name={OLD}", f"--new_name={OLD.rpartition('.')[0]}.{NEW}", "django/",
)  # fmt: skip


def contenders(quick: bool) -> list[Contender]:
    """Return all of them; `quick` leaves out those that take a minute and more."""
    found = []
    for corpus in ("whole", "package"):
        found += [
            Contender("rename, scan", "overhaul scan", corpus, _overhaul("scan", *_RENAME)),
            Contender("rename", "overhaul apply", corpus, _overhaul("apply", *_RENAME)),
            Contender("rename", "ast-grep", corpus, _ast_grep(NAME, NEW)),
        ]
        if not quick:
            found.append(Contender("rename", "rope", corpus, (sys.executable, "-c", _ROPE), 1))
        found += [
            Contender("replace call", "overhaul apply", corpus, _overhaul("apply", *_REPLACE)),
            Contender("replace call", "ast-grep", corpus, _ast_grep(PATTERN, TEMPLATE)),
        ]
    if not quick:
        found.append(Contender("rename", "LibCST", "package", _LIBCST, 1))
    return found
