"""What a reviewing model may see: the files of the change's result, and nothing that runs or writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overhaul.flows.review_prompt import diff_text, sendable
from overhaul.flows.views.patch import FilePatch
from overhaul.refactors.agent.conversation import ToolDefinition
from overhaul.refactors.agent.symbols import describe_symbol
from overhaul.refactors.agent.tools import BUILT_IN, Tool, Toolbox, ToolError
from overhaul.refactors.agent.workspace import CommandOutcome
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.errors import did_you_mean
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.index import Index

MOST_HITS, LONGEST_LINE = 100, 300
_READ_ONLY = "a review reads only"


class CommitWorkspace:
    """Satisfies `refactors.agent.workspace.Workspace` over one commit; whatever would act is refused."""

    def __init__(self, head: CommitTree, index: Index) -> None:
        self._head = head
        self._graph = RepositoryGraph(head, index)
        self.tree = head.commit_id

    def go_to(self, tree: str) -> None:
        """There is one tree only."""

    def changed_since(self, tree: str) -> Sequence[tuple[str, bool]]:
        del tree
        return []

    def paths(self) -> Sequence[str]:
        return self._head.paths()

    def read(self, path: str) -> bytes | None:
        try:
            return self._head.read(path)
        except FileNotFoundError:
            return None

    def write(self, contents: Mapping[str, bytes | None]) -> None:
        del contents
        raise ToolError(_READ_ONLY)

    def run(self, command: str, timeout_seconds: float) -> CommandOutcome:
        del command, timeout_seconds
        raise ToolError(_READ_ONLY)

    def symbols(self, name: str) -> str:
        return sendable(describe_symbol(self._graph, name))

    def run_tests(self) -> str:
        raise ToolError(_READ_ONLY)

    def search(self, text: str, under: str) -> str:
        """Lines with a fixed text: a model's expression over anybody's files must not run on the host."""
        wanted = text.split("\n", 1)[0]
        if not wanted.strip():
            raise ToolError("give the text to look for, on one line")
        hits: list[str] = []
        folder = under.strip("/").removeprefix("./")
        for path in self._head.paths():
            if folder not in ("", ".") and not f"{path}/".startswith(f"{folder}/"):
                continue
            content = self._head.read(path)
            if wanted.encode("utf-8", "replace") not in content or b"\0" in content[:8_000]:
                continue
            lines = content.decode(errors="replace").splitlines()
            hits += [
                f"{path}:{n}: {line[:LONGEST_LINE]}" for n, line in enumerate(lines, 1) if wanted in line
            ]
            if len(hits) > MOST_HITS:
                hits[MOST_HITS:] = [f"[the first {MOST_HITS} hits; give more of the text]"]
                break
        return sendable("\n".join(hits)) or "no line has this text."


def review_tools(workspace: CommitWorkspace, files: Sequence[FilePatch]) -> dict[str, Tool]:
    """The tools of a review: read, search, symbols and diff."""

    def search(_: Toolbox, arguments: Mapping[str, Any]) -> str:
        return workspace.search(arguments["text"], arguments.get("under", ""))

    def diff(_: Toolbox, arguments: Mapping[str, Any]) -> str:
        path = arguments["path"]
        found = next((file for file in files if path in (file.path, file.old_path)), None)
        if found is None:
            known = [file.path for file in files]
            raise ToolError(f"the change does not touch {path}.{did_you_mean(path, known)}")
        return diff_text(found)

    return {
        "read": BUILT_IN["read"],
        "search": Tool(
            _definition("search", "Find lines that contain a text, in all files or under a folder.", "text", "under"),
            search,
        ),
        "symbols": BUILT_IN["symbols"],
        "diff": Tool(_definition("diff", "Show what the change does to one file.", "path"), diff),
    }  # fmt: skip


def _definition(name: str, description: str, required: str, *optional: str) -> ToolDefinition:
    schema = {
        "type": "object", "properties": {each: {"type": "string"} for each in (required, *optional)},
        "required": [required], "additionalProperties": False,
    }  # fmt: skip
    return ToolDefinition(name, description, schema)
