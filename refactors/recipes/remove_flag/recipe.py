"""The recipe itself: rounds of folding, then what only the dead code used, then the definition."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.errors import RefactorError, SymbolNotFound
from overhaul.refactors.leftovers import running_sites
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Analysis, Recipe, Site, parameter
from overhaul.refactors.recipes.remove_flag.cases import CASES
from overhaul.refactors.recipes.remove_flag.file_edit import FileEdit
from overhaul.refactors.recipes.remove_flag.flag import FlagUses, find_flag, is_pattern
from overhaul.refactors.recipes.remove_flag.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.references import meanings
from overhaul.refactors.rounds import Rounds
from overhaul.refactors.source import Tree
from overhaul.refactors.statement_removal import removed_statements
from overhaul.refactors.symbols.target import UnreadableTarget
from overhaul.refactors.text import collector_paused
from overhaul.refactors.unused.finding import KINDS
from overhaul.refactors.unused.search import Extent, remove_unused, words_of

_MOST_ROUNDS = 50
_READS_ONLY = frozenset(
    ["os.environ.get", "os.getenv", "sys.platform.startswith", "builtins.hasattr"]
    + [f"builtins.{name}" for name in ("bool", "int", "str")]
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which flag, and what it is from now on."""

    flag: str = parameter(
        "a constant or attribute: package.settings.NEW_CHECKOUT, or a call:"
        " package.flags.is_enabled('new-checkout'), with $X and $$$ for what may be anything"
    )
    value: Literal["on", "off"] = parameter("what the flag is, for good")


class RemoveFlag(Recipe):
    id = "remove-flag"
    summary = "Remove a feature flag that is on, or off, for good, and the code that this makes dead"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Remove the flag {self.parameters.flag}, which is {self.parameters.value}"

    def analyse(self, tree: Tree) -> Analysis:
        """Replace the flag by its value, fold what this decides, and remove what nothing uses any more."""
        with collector_paused():
            rounds = Rounds(tree)
            _Removal(rounds, self.parameters.flag, self.parameters.value == "on").run()
            if not rounds.sites and not rounds.first.failures:
                raise SymbolNotFound(f"nothing in the tree reads the flag '{self.parameters.flag}'")
            return self.analysis(
                rounds.first, rounds.sites.values(), rounds.edits(), rounds.failures.values()
            )


@dataclass(slots=True)
class _Removal:
    rounds: Rounds
    flag: str
    value: bool

    def run(self) -> None:
        names: set[str] = set()
        uses: FlagUses | None = None
        for _ in range(_MOST_ROUNDS):
            uses = self._found()
            if uses is None:
                return
            gone = self._round(uses)
            if gone is None:
                break
            names |= gone
            self.rounds.advance()
        self._clean_up(names)
        self._definition()

    def _found(self) -> FlagUses | None:
        try:
            return find_flag(self.rounds.project, self.flag)
        except UnreadableTarget:
            return None
        except RefactorError:
            if self.rounds.changed:
                return FlagUses()  # the last use outside the tree is gone
            raise

    def _round(self, uses: FlagUses) -> set[str] | None:
        """Edit all files once; return the words of what is gone, or None if there was nothing to edit."""
        names: set[str] = set()
        is_edited = False
        for module, offset, reason in uses.doubts:
            self._note(module, offset, "unresolved", reason)
        for site in uses.sites:
            self._forward(site)
        for path, reads in sorted(uses.reads.items()):
            module = uses.modules[path]
            if path.endswith((".pyi", ".ipynb.py")):
                for read in reads:
                    self._note(
                        module, module.source.start(read), "unresolved", "a stub or notebook reads the flag"
                    )
                continue
            edit = FileEdit(module, reads, self.value)
            edit.run()
            for node, reason in edit.doubts:
                self._note(module, module.source.start(node), "unresolved", reason)
            if edit.splices and self.rounds.edit(module, edit.splices):
                is_edited = True
                names |= words_of(module, edit.splices)
                for node, reason in edit.resolved:
                    self._note(module, module.source.start(node), "resolved", reason)
        return names if is_edited else None

    def _note(
        self, module: Module, offset: int, status: Literal["resolved", "unresolved"], reason: str
    ) -> None:
        self.rounds.note(module, offset, self.flag, status, reason)

    def _forward(self, site: Site) -> None:
        """Report a place that the search for the symbol could not prove; only those of untouched files are certain."""
        if site.path not in self.rounds.changed:
            key = (site.path, -site.line * 10_000 - site.column, site.symbol)
            self.rounds.sites.setdefault(key, site)

    def _clean_up(self, names: set[str]) -> None:
        """Remove what only the dead code used; what was unused before is no concern of the flag's."""
        if not names:
            return
        remove_unused(self.rounds, Extent(KINDS, self.rounds.changed, names), spare_old=True)

    def _definition(self) -> None:
        """Remove the definition if nothing is left that needs it."""
        if is_pattern(self.flag):
            return
        uses = self._found()
        if uses is None or uses.definition is None or uses.definition.node is None:
            return
        module, node = uses.definition.module, uses.definition.node
        reason = self._need(uses) or self._definition_doubt(module, node)
        statement = module.bindings.statement_of(node)
        if reason is None and self.rounds.edit(module, removed_statements(module, [statement])):
            self._note(module, uses.definition.span[0], "resolved", "definition of the flag")
            names = words_of(module, removed_statements(module, [statement]))
            self.rounds.advance()
            self._clean_up(names)
        else:
            self._note(module, uses.definition.span[0], "unresolved", f"definition of the flag: {reason}")

    def _need(self, uses: FlagUses) -> str | None:
        """Return what still needs the definition."""
        for usage in uses.imports:
            return f"{usage.module.path} imports it"
        for path in uses.reads:
            return f"{path} reads it"
        for module, offset, _ in uses.doubts:
            return f"{module.path}:{module.source.position(offset)[0]} names it"
        for site in running_sites(self.rounds.project, uses.sites):
            return f"{site.path}:{site.line} may use it"
        return "a file does not parse" if self.rounds.first.failures else None

    def _definition_doubt(self, module: Module, node: ast.AST) -> str | None:
        statement = module.bindings.statement_of(node)
        above = module.bindings.parents.get(statement)
        value = getattr(statement, "value", None)
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or value is None:
            return "it is no assignment of one value"
        if isinstance(statement, ast.Assign) and len(statement.targets) != 1:
            return "another name gets the same value"
        if not isinstance(above, ast.Module | ast.ClassDef):
            return "it is made under a condition"
        return None if self._is_harmless(module, value) else "its value may have an effect"

    def _is_harmless(self, module: Module, value: ast.expr) -> bool:
        if changes_nothing(value):
            return True
        if isinstance(value, ast.Compare):
            return all(self._is_harmless(module, each) for each in [value.left, *value.comparators])
        if not isinstance(value, ast.Call) or value.keywords:
            return False
        found = meanings(self.rounds.project, module, value.func, module.scope)
        return (
            bool(found)
            and all(each in _READS_ONLY for each in found)
            and all(self._is_harmless(module, each) for each in value.args)
        )
