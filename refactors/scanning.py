"""What a recipe finds in a folder, as an object to look at: in a notebook it shows itself as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from overhaul.refactors.analysis import analyse
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.patch import unified_diff
from overhaul.refactors.recipe import Analysis, Recipe, Site
from overhaul.refactors.registry import find_recipe
from overhaul.refactors.source import FolderTree

SHOWN_SITES = 500
# Characters that hide or reorder what stands beside them; flows/plain_text.py has the reasons.
_HIDING = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0x61C, 0xFEFF}
_SHOWN_AS = {code: f"\\u{code:04x}" for code in _HIDING}


@dataclass(frozen=True, repr=False)
class Scan:
    """One recipe over one folder. Nothing is written; the edits are in `analysis`."""

    recipe: type[Recipe]
    folder: Path
    analysis: Analysis
    tree: FolderTree = field(compare=False)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """All parameters, with their defaults."""
        return self.analysis.parameters

    @property
    def sites(self) -> Sequence[Site]:
        """What is unresolved comes first: it is what a person has to look at."""
        return sorted(self.analysis.sites, key=lambda site: site.status != "unresolved")

    @cached_property
    def diff(self) -> bytes:
        """The unified diff of all edits, as `git apply` takes it."""
        edits = self.analysis.edits
        return b"".join(
            unified_diff(b"" if each.is_new else self.tree.read(each.path), each) for each in edits
        )

    def __repr__(self) -> str:
        found = self.analysis
        said = (
            f"{self.recipe.id} in {self.folder}: {found.resolved} sites proved in {len(found.edits)} files,"
            f" {found.unresolved} unresolved, {found.files_scanned} files read"
        )
        return said + (f", {len(found.failures)} not understood" if found.failures else "")

    def _repr_html_(self) -> str:
        rows: list[tuple[str, str, str, str]] = [
            (f"{site.path}:{site.line}:{site.column}", site.status, site.symbol, site.reason)
            for site in self.sites[:SHOWN_SITES]
        ]
        rows += [(each.path, "not understood", "", each.error) for each in self.analysis.failures]
        left = len(self.analysis.sites) - SHOWN_SITES
        head = "".join(f"<th>{title}</th>" for title in ("where", "status", "symbol", "why"))
        body = "".join(f"<tr>{''.join(f'<td>{_shown(cell)}</td>' for cell in row)}</tr>" for row in rows)
        more = f"<p>and {left:,} other sites, in <code>analysis.sites</code></p>" if left > 0 else ""
        return f"<p>{_shown(repr(self))}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def scan_folder(recipe: str | type[Recipe], folder: str | Path, parameters: Mapping[str, Any]) -> Scan:
    """Run a recipe (its id, or the class) over a folder. Raises RefactorError for what a user got wrong."""
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise ParameterError(f"folder: there is no folder {root}. Give the folder of the code to look at.")
    kind = find_recipe(recipe) if isinstance(recipe, str) else recipe
    tree = FolderTree(root.resolve())
    return Scan(kind, root, analyse(kind.bind(parameters), tree), tree)


def _shown(text: str) -> str:
    return escape(text.encode(errors="backslashreplace").decode().translate(_SHOWN_AS))
