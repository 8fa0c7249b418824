"""A function that only calls another one with its own arguments: what stays where a definition has moved away."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Sequence

from overhaul.refactors.function_blocks import is_generator
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import FunctionNode, all_arguments


def forwarded_arguments(arguments: ast.arguments, first: str | None = None) -> str:
    """Return the arguments that hand all parameters on; `first` names the one that goes to the front."""
    positional = [each.arg for each in [*arguments.posonlyargs, *arguments.args]]
    keywords = [each.arg for each in arguments.kwonlyargs]
    given = [] if first is None else [first]
    given += [name for name in positional if name != first]
    if arguments.vararg is not None:
        given.append(f"*{arguments.vararg.arg}")
    given += [f"{name}={name}" for name in keywords if name != first]
    if arguments.kwarg is not None:
        given.append(f"**{arguments.kwarg.arg}")
    return ", ".join(given)


def delegating(
    module: Module,
    node: FunctionNode,
    callee: str,
    given: str,
    *,
    indentation: str,
    newline: str,
    decorators: Sequence[str] = (),
    before: Sequence[str] = (),
) -> str:
    """Return the lines of a definition with the signature of `node` whose body calls `callee`.

    `before` are statements that come first. The result of a coroutine is awaited; a generator is handed on.
    """
    awaits = isinstance(node, ast.AsyncFunctionDef) and not is_generator(node)
    lines = [f"{indentation}@{each}" for each in decorators]
    lines.append(f"{indentation}{'async ' if awaits else ''}def {_signature(module, node)}:")
    inner = indentation + _step(module, node, indentation)
    lines += [f"{inner}{each}" for each in before]
    lines.append(f"{inner}return {'await ' if awaits else ''}{callee}({given})")
    return newline.join(lines) + newline


def hides(node: FunctionNode, name: str) -> bool:
    """Whether a parameter has this name, so that the function's own body cannot mean anything else by it."""
    return any(each.arg == name for each in all_arguments(node.args))


def _signature(module: Module, node: FunctionNode) -> str:
    """Return the text from the name to the last character before the body's colon."""
    source = module.source
    span = name_span(module.bindings, node, node.name)
    start = span[0] if span is not None else source.start(node)
    text = source.slice(start, source.start(node.body[0]))
    depth = 0
    lines = text.splitlines(keepends=True)
    for token in tokenize.generate_tokens(iter([*lines, ""]).__next__):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == ":" and not depth:
                line, column = token.start
                return ("".join(lines[: line - 1]) + lines[line - 1][:column]).rstrip()
    raise ValueError("a definition without a colon")


def _step(module: Module, node: FunctionNode, indentation: str) -> str:
    """Return how much deeper the body is."""
    first = node.body[0]
    start = module.source.line_starts[first.lineno - 1]
    text = module.source.slice(start, module.source.start(first))
    if first.lineno > node.lineno and not text.strip() and text.startswith(indentation):
        return text[len(indentation) :] or "    "
    return "\t" if "\t" in indentation else "    "
