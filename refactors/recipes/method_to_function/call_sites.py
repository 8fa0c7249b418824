"""Rewrites the uses of a method as uses of the function: `obj.method(a)` becomes `method(obj, a)`."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from overhaul.refactors.annotations import last_name
from overhaul.refactors.changes import Changes
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.effects import is_effect_free
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_needs import ImportStatement, Need, local_name
from overhaul.refactors.import_requests import ImportRequests
from overhaul.refactors.import_text import newline as line_end_of
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_access import NameAccess
from overhaul.refactors.project import Module
from overhaul.refactors.quoted import string_around
from overhaul.refactors.recipes.method_to_function.method import Method
from overhaul.refactors.scopes import Scope
from overhaul.refactors.values import ClassValue, Instance, Super

_GAP = re.compile(rb"(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)*")
_KEEPS_PARENTHESES = (ast.GeneratorExp, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Starred)
_PARTIAL = Need("functools.partial", "functools.partial", ImportStatement("functools"))


@dataclass(slots=True)
class CallSites:
    """Rewrites one use at a time; inner ones have to come first."""

    inference: Inference
    method: Method
    access: NameAccess
    changes: Changes
    requests: ImportRequests
    makes_partials: bool

    def rewrite(self, module: Module, node: ast.Attribute) -> Doubt | None:
        """Rewrite a proved use of the method; return what stands against it."""
        quoted = string_around(module.bindings, node)
        if quoted is not None:
            return quoted[1]
        scope = module.bindings.scope_of(node)
        receiver = self._receiver_kind(module, node)
        if isinstance(receiver, Doubt):
            return receiver
        if _catches_missing(module, node):
            return Doubt("an AttributeError of the call is caught, which the function would not raise")
        content = module.source.content
        gap = content[module.source.end(node.value) : module.source.end(node)]
        if b"#" in gap or b"#" in content[module.source.start(node) : module.source.start(node.value)]:
            return Doubt("a comment inside the call would be lost")
        call = module.bindings.parents.get(node)
        if isinstance(call, ast.Call) and call.func is node:
            text = self._call(module, scope, node, call, receiver)
        else:
            text = self._value(module, scope, node, receiver)
        if isinstance(text, Doubt):
            return text
        start, end, new = text
        if re.match(rb"\w", content[max(start - 1, 0) : start]):
            new = f" {new}"
        self.changes.of(module).edits.add(start, end, new)
        return None

    def _receiver_kind(self, module: Module, node: ast.Attribute) -> str | Doubt:
        values = self.inference.values(module, node.value)
        if values and all(isinstance(value, Instance) for value in values):
            return "instance"
        if values and all(isinstance(value, ClassValue) for value in values):
            return "class"
        if any(isinstance(value, Super) for value in values):
            return Doubt("super() calls the method")
        return Doubt("the receiver may be the class or an instance of it")

    def _call(
        self, module: Module, scope: Scope, node: ast.Attribute, call: ast.Call, receiver: str
    ) -> tuple[int, int, str] | Doubt:
        source = module.source
        given = self._first_argument(module, scope, node, receiver)
        if isinstance(given, Doubt):
            return given
        if given == "" and receiver == "class" and self.method.kind == "instance":
            parameter = self.method.receiver
            if any(each.arg is None or (parameter and each.arg == parameter.arg) for each in call.keywords):
                return Doubt("the instance may be passed by keyword")
        name = self.access.text_at(module, scope, call)
        if isinstance(name, Doubt):
            return name
        start = source.start(node)
        if not given:
            return start, source.end(node), name
        opening = source.content.index(b"(", source.end(node))
        if source.content[source.end(node) : opening].strip(b" \t\r\n\\\f"):
            return Doubt("a comment inside the call would be lost")
        if len(call.args) == 1 and isinstance(call.args[0], ast.GeneratorExp) and not call.keywords:
            generator = call.args[0]
            if source.start(generator) == opening:
                inner = self.changes.of(module).edits.rendered(opening, source.end(generator))
                return start, source.end(call), f"{name}({given}, {inner})"
        gap = _GAP.match(source.content, opening + 1)
        after = gap.end() if gap else opening + 1
        between = source.slice(opening + 1, after)
        if not call.args and not call.keywords:
            return (start, after, f"{name}({given}{between if '#' in between else ''}")
        if "\n" in between or "\r" in between:
            indentation = re.split(r"[\r\n]", between)[-1]
            return start, after, f"{name}({between}{given},{line_end_of(module)}{indentation}"
        return start, after, f"{name}({between}{given}, "

    def _first_argument(
        self, module: Module, scope: Scope, node: ast.Attribute, receiver: str
    ) -> str | Doubt:
        """Return the text of the new first argument; empty if there is none."""
        kind = self.method.kind
        if kind == "static" or (kind == "instance" and receiver == "class"):
            if not is_effect_free(node.value):
                return Doubt(
                    f"'{ast.unparse(node.value)}' would no longer be evaluated, and may have side effects"
                )
            return ""
        text = self._receiver_text(module, node)
        if kind == "class" and receiver == "instance":
            if scope.lookup("type") is not None:
                return Doubt("'type' means something else here")
            return f"type({text})"
        return text

    def _receiver_text(self, module: Module, node: ast.Attribute) -> str:
        """Return the receiver's text, without parentheses that an argument does not need."""
        source = module.source
        text = self.changes.of(module).edits.rendered(source.start(node.value), source.end(node.value))
        is_enclosed = source.start(node) != source.start(node.value)
        return f"({text})" if is_enclosed and isinstance(node.value, _KEEPS_PARENTHESES) else text

    def _value(
        self, module: Module, scope: Scope, node: ast.Attribute, receiver: str
    ) -> tuple[int, int, str] | Doubt:
        """Rewrite a use without a call: the class's plain function is the function, a bound one a partial."""
        kind = self.method.kind
        is_plain = kind == "static" or (kind == "instance" and receiver == "class")
        if isinstance(module.bindings.parents.get(node), ast.Attribute) and not is_plain:
            raise ParameterError(
                f"'{self.method.symbol}' cannot become a function: an attribute of the bound method is used at"
                f" {module.path}:{node.lineno}"
            )
        if not is_plain and not self.makes_partials:
            return Doubt(
                "the bound method is used as a value; references=partial makes it a functools.partial"
            )
        given = self._first_argument(module, scope, node, receiver)
        if isinstance(given, Doubt):
            return given
        partial = ""
        if not is_plain:
            found = local_name(module, scope, node.lineno, _PARTIAL)
            if isinstance(found, Doubt):
                return found
            partial = found.text if found else "functools.partial"
        name = self.access.text_at(module, scope, node)
        if isinstance(name, Doubt):
            return name
        if partial == "functools.partial" and not local_name(module, scope, node.lineno, _PARTIAL):
            self.requests.add(module, scope, node, _PARTIAL.statement)
        text = name if is_plain else f"{partial}({name}, {given})"
        return module.source.start(node), module.source.end(node), text


def _catches_missing(module: Module, node: ast.AST) -> bool:
    """Whether a `try` around a use, in its function, handles the error of a missing attribute."""
    child, above = node, module.bindings.parents.get(node)
    while above is not None and not isinstance(
        above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
    ):
        if isinstance(above, ast.Try) and child in above.body:
            for handler in above.handlers:
                kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
                if any(last_name(each) == "AttributeError" for each in kinds):
                    return True
        child, above = above, module.bindings.parents.get(above)
    return False
