"""The agent's tools: what a model may call, checked, carried out on the workspace, and answered in text.

A mistake of the model's is an answer that says what to do instead, never an exception.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from overhaul.refactors.agent.apply_patch import APPLY_PATCH, apply_patch
from overhaul.refactors.agent.conversation import ToolCall, ToolDefinition, ToolResult
from overhaul.refactors.agent.limits import ERROR
from overhaul.refactors.agent.permissions import Change, Grants, Refused, Rights
from overhaul.refactors.agent.pictures import MOST_PICTURES, Pages, data_url
from overhaul.refactors.agent.todo import Todo, as_text, read_plan
from overhaul.refactors.agent.workspace import Workspace
from overhaul.refactors.errors import PatchError, did_you_mean

LONGEST_OUTPUT = 40_000
COMMAND_SECONDS = 600.0
READ_LINES = 400
MOST_HITS, LONGEST_LINE = 200, 300


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a call: the answer, the tree afterwards, and the todo list if the call changed it.

    It holds only once what it wishes is granted (see `Toolbox.settle`).
    """

    result: ToolResult
    tree: str
    todos: tuple[Todo, ...] | None = None


class ToolError(Exception):
    """A call that cannot be carried out; the message tells the model what to do."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: how the model sees it, and what it does. `changes` says whether anything may be other afterwards.

    The arguments of a tool that `is_foreign` are checked by whoever provides it.
    """

    definition: ToolDefinition
    run: Callable[[Toolbox, Mapping[str, Any]], str]
    changes: bool = False
    is_foreign: bool = False


@dataclass
class Toolbox:
    """The tools of one run. Effects that the rights do not cover are taken back unless somebody grants them.

    `pictures` are those that the present call shows, `pictures_left` how many it may show.
    """

    workspace: Workspace
    rights: Rights
    grants: Grants
    tools: Mapping[str, Tool] = field(default_factory=lambda: dict(BUILT_IN))
    todos: tuple[Todo, ...] | None = None
    pictures: tuple[str, ...] = ()
    pictures_left: int = MOST_PICTURES

    @property
    def definitions(self) -> tuple[ToolDefinition, ...]:
        """The tools that this mode offers, always in the same order."""
        offered = (
            tool for tool in self.tools.values() if not tool.changes or self.rights.mode != "read-only"
        )
        return tuple(tool.definition for tool in offered)

    def call(self, call: ToolCall) -> Done:
        """Carry a call out."""
        before = self.workspace.tree
        self.todos, self.pictures = None, ()
        try:
            output = self._carry_out(call)
        except (ToolError, PatchError) as error:
            self.workspace.go_to(before)
            output = f"{ERROR}{error}"
        result = ToolResult(call.id, cut_in_the_middle(output), call.is_freeform, self.pictures)
        return Done(result, self.workspace.tree, self.todos)

    def acts_outside(self, call: ToolCall) -> bool:
        """Whether a call may change something that is not in the workspace, and so cannot be taken back."""
        tool = self.tools.get(call.name)
        return tool is not None and tool.is_foreign and tool.changes

    def cut_off(self, call: ToolCall) -> Done:
        """What a call that was begun by a process which is gone comes to: it is not made a second time."""
        said = (
            f"{ERROR}this call was cut off; whether it has done anything is not known, and it is not made again."
            " Look first, then call again only if it is needed."
        )
        return Done(ToolResult(call.id, said, call.is_freeform), self.workspace.tree)

    def settle(self, done: Done, before: str) -> Done:
        """Ask for what a call wishes, apart from the call itself: a person may take days, and it is not done again.

        What is not granted is undone. `before` is the tree before the call: what is wished is told by the files, as a
        record of the call may have come from somewhere else.
        """
        self.workspace.go_to(done.tree)
        for wish in self.rights.wishes(changed_files(self.workspace, before)):
            self.workspace.go_to(done.tree)
            tree = before
            try:
                reason = "" if self.grants.grants(wish) else "nobody allows it"
            except Refused as refused:
                reason = refused.message or "a person said no"
                tree = refused.tree or before
            if reason:
                names = ", ".join(wish.paths[:5])
                said = (
                    f"{ERROR}not allowed ({wish.kind}): {names}: {reason}. All that this call did is undone."
                )
                return replace(done, result=replace(done.result, output=said), tree=tree)
        return done

    def _carry_out(self, call: ToolCall) -> str:
        tool = self.tools.get(call.name)
        if tool is None or tool.definition not in self.definitions:
            names = [definition.name for definition in self.definitions]
            raise ToolError(
                f"there is no tool {call.name!r}.{did_you_mean(call.name, names)} Tools: {', '.join(names)}"
            )
        return tool.run(self, _arguments(call, tool))


def changed_files(workspace: Workspace, before: str) -> list[Change]:
    """The files that differ between an earlier tree and the present one."""
    if workspace.tree == before:
        return []
    return [Change(path, is_removed) for path, is_removed in workspace.changed_since(before)]


def cut_in_the_middle(text: str) -> str:
    """Keep the beginning and the end of an output that is too long: errors stand at either."""
    if len(text) <= LONGEST_OUTPUT:
        return text
    half = LONGEST_OUTPUT // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n[... {left_out:,} characters left out ...]\n{text[-half:]}"


def _check_text(name: str, text: str) -> None:
    """JSON can hold halves of characters, which no file, command or record can."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ToolError(f"the arguments of {name} hold half a character (\\ud800 to \\udfff)") from error


def _arguments(call: ToolCall, tool: Tool) -> Mapping[str, Any]:
    definition = tool.definition
    if call.is_freeform:
        (name,) = definition.schema["properties"]
        _check_text(call.name, call.arguments)
        return {name: call.arguments}
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError as error:
        raise ToolError(f"the arguments of {call.name} are no JSON ({error}); send one object") from error
    if not isinstance(arguments, dict):
        raise ToolError(f"the arguments of {call.name} must be one JSON object")
    _check_text(call.name, json.dumps(arguments, ensure_ascii=False))
    if tool.is_foreign:
        return arguments
    known = definition.schema["properties"]
    for name in definition.schema.get("required", ()):
        if name not in arguments:
            raise ToolError(
                f"{call.name} needs {name!r}: {known[name].get('description', known[name]['type'])}"
            )
    for name, value in arguments.items():
        if name not in known:
            raise ToolError(f"{call.name} has no argument {name!r}.{did_you_mean(name, known)}")
        if not isinstance(value, _TYPES[known[name]["type"]]) or isinstance(value, bool):
            raise ToolError(f"{name!r} of {call.name} must be of type {known[name]['type']}")
    return arguments


_TYPES: dict[str, type[Any]] = {"string": str, "integer": int, "array": list}


def _shell(box: Toolbox, arguments: Mapping[str, Any]) -> str:
    outcome = box.workspace.run(arguments["command"], COMMAND_SECONDS)
    ended = f"exit code {outcome.exit_code}" if outcome.exit_code is not None else f"ended: {outcome.reason}"
    return f"{outcome.output.rstrip()}\n[{ended}]".lstrip("\n")


def _apply_patch(box: Toolbox, arguments: Mapping[str, Any]) -> str:
    patched = apply_patch(arguments["patch"], box.workspace.read, box.workspace.paths)
    box.workspace.write(patched.contents)
    return "\n".join(patched.actions)


def _read(box: Toolbox, arguments: Mapping[str, Any]) -> str:
    path, first = arguments["path"], max(int(arguments.get("first_line", 1)), 1)
    content = box.workspace.read(path)
    if content is None:
        raise ToolError(f"there is no file {path}.{did_you_mean(path, box.workspace.paths())}")
    if b"\0" in content[:8000]:
        raise ToolError(f"{path} is binary ({len(content):,} bytes)")
    lines = content.decode(errors="replace").splitlines()
    shown = lines[first - 1 : first - 1 + min(int(arguments.get("lines", READ_LINES)), READ_LINES)]
    numbered = [f"{number:>5} {line}" for number, line in enumerate(shown, first)]
    return "\n".join([f"{path}: lines {first} to {first + len(shown) - 1} of {len(lines)}", *numbered])


def _search(box: Toolbox, arguments: Mapping[str, Any]) -> str:
    """By grep in the sandbox: a pattern of a model's over files of anybody's must not run on the host."""
    pattern, under = shlex.quote(arguments["pattern"]), shlex.quote(arguments.get("under") or ".")
    grep = f"grep -rnIE --exclude-dir=.git -e {pattern} -- {under} | cut -c1-{LONGEST_LINE} | head -n {MOST_HITS + 1}"
    hits = box.workspace.run(grep, COMMAND_SECONDS).output.splitlines()
    if len(hits) > MOST_HITS:
        hits[MOST_HITS:] = [f"[the first {MOST_HITS} hits; narrow the pattern]"]
    return "\n".join(hit.removeprefix("./") for hit in hits) or "no line matches."


def _symbols(box: Toolbox, arguments: Mapping[str, Any]) -> str:
    try:
        return box.workspace.symbols(arguments["name"])
    except ValueError as error:
        raise ToolError(str(error)) from error


def _view_image(box: Toolbox, arguments: Mapping[str, Any]) -> str:
    path = arguments["path"]
    content = box.workspace.read(path)
    if content is None:
        raise ToolError(f"there is no file {path}.{did_you_mean(path, box.workspace.paths())}")
    if box.pictures_left < 1:
        raise ToolError(f"you have seen {MOST_PICTURES} pictures, and more are not shown")
    try:
        box.pictures = (data_url(content),)
    except ValueError as error:
        raise ToolError(f"{path} cannot be shown: {error}") from error
    return f"{path}: {len(content):,} bytes"


def page_tools(pages: Pages) -> dict[str, Tool]:
    """`view_pages`, for a repository that says how its pages are served. `pages` raises ValueError if that fails."""

    def view_pages(box: Toolbox, _: Mapping[str, Any]) -> str:
        try:
            found = pages()
        except ValueError as error:
            raise ToolError(str(error)) from error
        lines: list[str] = []
        shown: list[str] = []
        for page in found:
            try:
                url = data_url(page.picture) if len(shown) < box.pictures_left else ""
            except ValueError as error:
                url, page = "", replace(page, said=f"{page.said}; {error}")
            shown += [url] if url else []
            lines.append(
                f"{page.address}: {page.said}" if url else f"{page.address}: {page.said} [not shown]"
            )
        box.pictures = tuple(shown)
        return "\n".join(lines)

    about = "See the project's pages as a browser shows them now, with your changes."
    return {"view_pages": _tool("view_pages", about, view_pages)}


def _run_tests(box: Toolbox, _: Mapping[str, Any]) -> str:
    return box.workspace.run_tests()


def _update_plan(box: Toolbox, arguments: Mapping[str, Any]) -> str:
    try:
        box.todos = read_plan(arguments)
    except ValueError as error:
        raise ToolError(str(error)) from error
    return as_text(box.todos)


def _tool(
    called: str, description: str, run: Callable[[Toolbox, Mapping[str, Any]], str], **properties: Any
) -> Tool:
    required = [key for key, value in properties.items() if not value.pop("optional", False)]
    schema = {
        "type": "object", "properties": properties, "required": required, "additionalProperties": False,
    }  # fmt: skip
    return Tool(ToolDefinition(called, description, schema), run)


def _built_in() -> dict[str, Tool]:
    text = {"type": "string"}
    number = {"type": "integer", "optional": True}
    step = {
        "type": "object",
        "properties": {
            "step": text,
            "status": {"type": "string", "enum": ["pending", "in_progress", "completed"]},
        },
        "required": ["step", "status"],
    }
    tools = [
        replace(
            _tool("shell", "Run a shell command in the sandbox, at the repository's top.", _shell, command=dict(text)),
            changes=True,
        ),
        Tool(APPLY_PATCH, _apply_patch, changes=True),
        _tool(
            "read", f"Read a file with line numbers, {READ_LINES} lines at most.", _read,
            path=dict(text), first_line=dict(number), lines=dict(number),
        ),
        _tool(
            "search", "Find lines by a regular expression, in all files or under a folder.", _search,
            pattern=dict(text), under={"type": "string", "optional": True},
        ),
        _tool(
            "symbols", "Where a name is defined, used, called and imported. Give package.module.name.", _symbols,
            name=dict(text),
        ),
        _tool("view_image", "See an image file of the repository.", _view_image, path=dict(text)),
        _tool("run_tests", "Run the project's tests: those that the changes reach first.", _run_tests),
        _tool(
            "update_plan", "Set the todo list: all steps, each with its status.", _update_plan,
            plan={"type": "array", "items": step},
        ),
    ]  # fmt: skip
    return {tool.definition.name: tool for tool in tools}


BUILT_IN: dict[str, Tool] = _built_in()
