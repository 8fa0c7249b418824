"""One call becomes the body: its expression in place, or its statements before the call's own statement."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.fitting import fitted, standalone
from overhaul.refactors.import_edits import named_elsewhere
from overhaul.refactors.indentation import indent_of, line_text, newline_of, shares_line
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.recipes.inline_symbol.arguments import Argument, must_be_bound
from overhaul.refactors.recipes.inline_symbol.body import Body
from overhaul.refactors.recipes.inline_symbol.call_sites import CallSite, argument_kind
from overhaul.refactors.recipes.inline_symbol.edits import Changes
from overhaul.refactors.recipes.inline_symbol.meaning import MovedCode, Renaming
from overhaul.refactors.recipes.inline_symbol.purity import Purity, purity
from overhaul.refactors.recipes.inline_symbol.removal import removed_statement
from overhaul.refactors.recipes.inline_symbol.rendering import moved_lines, name_splices, spliced
from overhaul.refactors.scopes import Scope
from overhaul.refactors.text import Splice

_COMMENT = re.compile(r"[ \t]*(#.*)$")


@dataclass(slots=True, eq=False)
class InlinedCall:
    """Works out one call. `texts` are what the body's own names become here."""

    inference: Inference
    body: Body
    site: CallSite
    changes: Changes
    kinds: dict[str, Purity] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    prelude: list[str] = field(default_factory=list)
    renaming: Renaming = field(default_factory=Renaming)

    def put(self) -> Doubt | None:
        """Replace the call; a Doubt says why not."""
        self.kinds = {
            each.parameter: argument_kind(self.inference, self.site, each, self._argument_text(each))
            for each in self.site.arguments
        }
        code = tuple(self.body.statements)
        renaming = (
            MovedCode(self.inference.project, self.body.module, code, (self.body.scope,)).at(
                self.site.module, self.site.scope, self.site.call.lineno
            )
            if code
            else Renaming()
        )
        if isinstance(renaming, Doubt):
            return renaming
        self.renaming = renaming
        expression = self.body.expression
        if expression is None and isinstance(self.site.statement, ast.Expr) and self._is_whole():
            expression = self.body.action
        if expression is not None:
            doubt = self._put_expression(expression)
        elif not self.body.statements:
            doubt = self._put_nothing()
        else:
            doubt = self._put_statements()
        if doubt is None:
            self.changes.need(self.site.module, renaming.imports, self.site.node)
            self.changes.of(self.site.module).kept |= renaming.kept | self.site.kept_imports()
        return doubt

    def _put_expression(self, expression: ast.expr) -> Doubt | None:
        is_dropped = isinstance(self.site.statement, ast.Expr) and self._is_whole()
        if is_dropped and purity(self.inference, self.body.module, expression) in ("constant", "stable"):
            return self._put_nothing()
        steps = list(self.body.steps(expression))
        bound = must_be_bound(self.site.arguments, self.kinds, steps)
        for argument in self.site.arguments:
            reason = self._capture_reason(argument)
            if reason is not None:
                bound.setdefault(argument.parameter, reason)
        text: str | Doubt = Doubt("")
        if not bound:
            self.texts = {each.parameter: self._argument_text(each) for each in self.site.arguments}
            text = self._expression_text(expression)
        if isinstance(text, Doubt):
            doubt = self.site.statement_doubt()
            if doubt is not None:
                name = min(bound, default="")
                why = (
                    f"the argument for '{name}' cannot stand in the body: {bound[name]}"
                    if bound
                    else text.reason
                )
                return Doubt(f"{why}; and {doubt.reason}")
            self.texts.clear()
            doubt = self._bind(set(bound) or {each.parameter for each in self.site.arguments})
            if doubt is not None:
                return doubt
            text = self._expression_text(expression)
            if isinstance(text, Doubt):
                return text
        return self._put_text(text)

    def _is_whole(self) -> bool:
        return getattr(self.site.statement, "value", None) is self.site.node

    def _put_text(self, text: str) -> Doubt | None:
        """Put an expression in the place of the call, after what must be evaluated before."""
        module, span = self.site.module, self.site.span
        placed = fitted(module, self.site.node, span, text)
        if isinstance(placed, Doubt):
            return placed
        if self.prelude:
            start = module.source.start(self.site.statement)
            head = module.source.slice(start, span[0])
            self._replace_statement(
                [*self._indented(self.prelude), self._indented([head + placed])[0]], span[1]
            )
            return None
        self._replace(span, placed)
        return None

    def _put_nothing(self) -> Doubt | None:
        """A body that does nothing: what is left of the call is its arguments' effects, and None."""
        if any(kind == "acting" for kind in self.kinds.values()):
            doubt = self.site.statement_doubt()
            if doubt is not None:
                return doubt
            doubt = self._bind({name for name, kind in self.kinds.items() if kind == "acting"}, used=False)
            if doubt is not None:
                return doubt
        if isinstance(self.site.statement, ast.Expr) and self._is_whole():
            self._replace_statement(self._indented(self.prelude))
            return None
        return self._put_text("None")

    def _replace(self, span: tuple[int, int], text: str) -> None:
        change = self.changes.of(self.site.module)
        change.splices = [each for each in change.splices if not (span[0] <= each[0] and each[1] <= span[1])]
        change.replace(span, text)

    def _indented(self, lines: list[str]) -> list[str]:
        indent = indent_of(self.site.module.source, self.site.statement.lineno)
        return [indent + line for line in lines]

    def _replace_statement(self, lines: list[str], end: int | None = None) -> None:
        """Put whole lines in the place of the call's statement, or of its beginning up to `end`; none remove it."""
        module, statement = self.site.module, self.site.statement
        if not lines:
            start, stop, text = removed_statement(module, statement)
            self._replace((start, stop), text)
            return
        start = module.source.line_starts[statement.lineno - 1]
        stop = module.source.end(statement) if end is None else end
        self._replace((start, stop), newline_of(module.source).join(lines))

    def _argument_text(self, argument: Argument) -> str:
        """Return the text of an argument with the calls inside it replaced."""
        module = self.body.module if argument.is_default else self.site.module
        source = module.source
        span = (source.start(argument.node), source.end(argument.node))
        splices = [] if argument.is_default else self.changes.of(module).splices
        return spliced(module, span, splices)

    def _capture_reason(self, argument: Argument) -> str | None:
        """Tell why an argument would mean something else in an inner scope of the body's expression."""
        names = {node.id for node in ast.walk(argument.node) if isinstance(node, ast.Name)}
        if not names or argument.is_default:
            return None
        for use in self.body.own_uses.get(argument.parameter, ()):
            scope = self.body.module.bindings.scope_of(use)
            is_inner = scope is not self.body.scope
            while scope is not self.body.scope and scope.parent is not None:
                if names & set(scope.bindings):
                    return f"the body binds '{min(names & set(scope.bindings))}' itself"
                scope = scope.parent
            if is_inner and self.site.block.kind == "class":
                return "an inner scope does not see the names of a class"
            if is_inner and any(
                isinstance(node, ast.NamedExpr | ast.Await | ast.Yield) for node in ast.walk(argument.node)
            ):
                return "an inner scope cannot hold it"
        return None

    def _bind(self, names: set[str], used: bool = True) -> Doubt | None:
        """Assign the arguments of some parameters to local variables first, and all with effects before those.

        Those of parameters that are not `used` are evaluated only.
        """
        arguments = [each for each in self.site.arguments if not each.is_default]
        last = max((each.place for each in arguments if each.parameter in names), default=-1)
        for argument in self.site.arguments:
            kind = self.kinds[argument.parameter]
            early = not argument.is_default and argument.place <= last and kind in ("reading", "acting")
            text = self._argument_text(argument)
            if argument.parameter not in names and not early:
                self.texts[argument.parameter] = text
                continue
            if not used or argument.parameter not in self.body.own_uses:
                if kind == "acting":
                    self.prelude.append(standalone(text))
                continue
            name = self._free_name(argument.parameter)
            if isinstance(name, Doubt):
                return name
            self.texts[argument.parameter] = name
            if text != name:
                self.prelude.append(f"{name} = {standalone(text)}")
        return None

    def _free_name(self, wanted: str) -> str | Doubt:
        """Return a name for a variable of the body that means nothing yet where the call is."""
        module, block = self.site.module, self.site.block
        argument = next((each.node for each in self.site.arguments if each.parameter == wanted), None)
        if isinstance(argument, ast.Name) and argument.id == wanted and not self._is_rebound(wanted):
            return wanted
        for candidate in (wanted, *(f"{wanted}_{number}" for number in range(1, 20))):
            if candidate in self.texts.values():
                continue
            free = _is_free(block, candidate)
            if free and block.kind == "module":
                free = not named_elsewhere(self.inference.project, {(module.name, candidate)})
            if free and not self._is_used_in_body(candidate, wanted):
                return candidate
        return Doubt(f"no free name for the body's '{wanted}'")

    def _is_rebound(self, parameter: str) -> bool:
        return len(self.body.scope.bindings.get(parameter, ())) > 1

    def _is_used_in_body(self, candidate: str, wanted: str) -> bool:
        """Tell whether the body means something else by a name."""
        if candidate == wanted:
            return False
        scopes = list(self.body.scope.subtree())
        return any(candidate in scope.bindings or candidate in scope.uses for scope in scopes)

    def _splices(self) -> list[Splice] | Doubt:
        """Return what becomes of the names in the body."""
        module = self.body.module
        found = name_splices(module, self.renaming.names)
        if isinstance(found, Doubt):
            return found
        for name, text in self.texts.items():
            for use in self.body.own_uses.get(name, ()):
                span = name_span(module.bindings, use, name)
                if span is None:
                    return Doubt(f"'{name}' is in a string whose positions are not known")
                placed = fitted(module, use, span, text) if isinstance(use.ctx, ast.Load) else text
                if isinstance(placed, Doubt):
                    return placed
                if placed != name:
                    found.append((*span, placed))
        return found

    def _expression_text(self, expression: ast.expr) -> str | Doubt:
        splices = self._splices()
        if isinstance(splices, Doubt):
            return splices
        source = self.body.module.source
        text = spliced(self.body.module, (source.start(expression), source.end(expression)), splices)
        if "\n" not in text and "\r" not in text:
            return text
        old = indent_of(source, self.body.module.bindings.statement_of(expression).lineno)
        new = indent_of(self.site.module.source, self.site.statement.lineno)
        return moved_lines(self.site.module, text, old, new, is_expression=True)

    def _put_statements(self) -> Doubt | None:
        doubt = self.site.statement_doubt() or self._body_doubt()
        if doubt is None:
            doubt = self._bind(self._bound_parameters()) or self._rename_locals()
        if doubt is not None:
            return doubt
        lines = self._lines()
        if isinstance(lines, Doubt):
            return lines
        self._replace_statement([*self._indented(self.prelude), *lines])
        return None

    def _body_doubt(self) -> Doubt | None:
        body = self.body
        if not body.returns_at_end and not isinstance(self.site.statement, ast.Return):
            return Doubt("the body returns in several places, and the call is no return itself")
        captured = body.captured()
        if captured:
            return Doubt(f"an inner function of the body keeps '{min(captured)}'")
        unbound = body.read_unbound()
        if unbound:
            return Doubt(f"the body may read '{min(unbound)}' before it is bound")
        if shares_line(body.module, body.statements[0]) and body.statements[0].lineno == body.node.lineno:
            return Doubt("the body stands on the line of its 'def'")
        nodes = [node for each in body.statements for node in ast.walk(each)]
        if self.site.block.kind == "module" and any(isinstance(node, ast.AnnAssign) for node in nodes):
            return Doubt("an annotated variable of the body would become the module's")
        return None

    def _bound_parameters(self) -> set[str]:
        """Return the parameters that become variables: rebound ones, and those whose argument may change."""
        return {
            each.parameter
            for each in self.site.arguments
            if self.kinds[each.parameter] not in ("constant", "stable") or self._is_rebound(each.parameter)
        }

    def _rename_locals(self) -> Doubt | None:
        for name, bindings in self.body.scope.bindings.items():
            if name in self.body.parameters:
                continue
            free = self._free_name(name)
            if isinstance(free, Doubt):
                return free
            if free != name and not all(isinstance(each.node, ast.Name) for each in bindings):
                return Doubt(f"the body defines '{name}', which means something else here")
            self.texts[name] = free
        return None

    def _lines(self) -> list[str] | Doubt:
        """Return the body's lines, and what becomes of the statement with the call."""
        splices = self._splices()
        if isinstance(splices, Doubt):
            return splices
        body, source = self.body, self.body.module.source
        last = body.statements[-1]
        ends_with_return = isinstance(last, ast.Return) and body.returns_at_end
        first = body.first_line()
        end = last.lineno - 1 if ends_with_return else (last.end_lineno or last.lineno)
        indent = indent_of(self.site.module.source, self.site.statement.lineno)
        lines: list[str] = []
        if end >= first:
            stop = source.line_starts[end - 1] + len(line_text(source, end).encode(source.encoding))
            text = spliced(body.module, (source.line_starts[first - 1], stop), splices)
            moved = moved_lines(self.site.module, text, indent_of(source, body.statements[0].lineno), indent)
            if isinstance(moved, Doubt):
                return moved
            lines = moved.split(newline_of(self.site.module.source))
        final = self._final(ends_with_return)
        if isinstance(final, Doubt):
            return final
        while lines and not lines[-1]:
            lines.pop()
        return [*lines, *self._indented(final)]

    def _final(self, ends_with_return: bool) -> list[str] | Doubt:
        """Return the call's statement with the result in the place of the call, if it is still needed."""
        statement, module = self.site.statement, self.site.module
        body = self.body
        if not body.returns_at_end:
            is_left = isinstance(body.statements[-1], ast.Return | ast.Raise)
            return [] if is_left else ["return None"]
        result = body.result if ends_with_return else None
        comment = self._return_comment() if ends_with_return else ""
        is_idle = result is None or purity(self.inference, body.module, result) in ("constant", "stable")
        if isinstance(statement, ast.Expr) and is_idle:
            return [comment.strip()] if comment else []
        if result is None and isinstance(body.statements[-1], ast.Raise):
            return []
        text: str | Doubt = "None" if result is None else self._expression_text(result)
        if isinstance(text, Doubt):
            return text
        placed = fitted(module, self.site.node, self.site.span, text)
        if isinstance(placed, Doubt):
            return placed
        head = module.source.slice(module.source.start(statement), self.site.span[0])
        return [f"{head}{placed}{comment}"]

    def _return_comment(self) -> str:
        last = self.body.statements[-1]
        source = self.body.module.source
        line = last.end_lineno or last.lineno
        ending = source.slice(
            source.end(last),
            source.line_starts[line - 1] + len(line_text(source, line).encode(source.encoding)),
        )
        match = _COMMENT.match(ending)
        own = self.site.module.source
        here = self.site.statement.end_lineno or self.site.statement.lineno
        is_free = not own.slice(
            own.end(self.site.statement), own.line_starts[here - 1] + len(line_text(own, here))
        ).strip()
        return f"  {match[1]}" if match and is_free else ""


def _is_free(block: Scope, name: str) -> bool:
    """Tell whether a scope can bind a new name: nothing in it means something of this name from outside."""
    if name in block.bindings:
        return False
    inner = list(block.subtree())
    if any(name in scope.global_names or name in scope.nonlocal_names for scope in inner):
        return False
    for scope in inner:
        for use in scope.uses.get(name, ()):
            owner = scope.lookup(name, use)
            if owner is None or owner not in inner:
                return False
    return True
