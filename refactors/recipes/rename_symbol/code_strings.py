"""Names in code that is text: strings given to `exec`, `eval` and `compile`, and parts of what is given to them."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.annotations import last_name
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings

_RUNNERS = ("exec", "eval", "compile")
_OPERATORS = r"=+\-*/%&|^~@,;:!"
_BEFORE = (
    "if|elif|else|while|for|in|is|not|and|or|return|yield|await|lambda|assert|raise|del|with|from|import|as"
)
_AFTER = "if|else|for|in|is|not|and|or|as"


class CodeStrings:
    """Looks at strings that have the name. A member is looked for behind a dot only."""

    def __init__(self, findings: Findings, is_member: bool) -> None:
        self.findings = findings
        old = re.escape(findings.old)
        self._name = re.compile(rf"(?<!\w){old}(?!\w)")
        before = r"(?<=\.)"
        if not is_member:
            before = rf"(?:{before}|(?:^|[(\[{{{_OPERATORS}]|[<>](?=\s)|(?<!\w)(?:{_BEFORE})(?=\s))[ \t]*)"
        after = rf"(?!\w)[ \t]*(?:$|[)\]}}(\[.<>{_OPERATORS}]|(?:{_AFTER})(?!\w))"
        self._code = re.compile(rf"{before}{old}{after}|[(\[,][ \t]*(['\"]){old}\1[ \t]*[)\],]", re.MULTILINE)
        self._is_member = is_member
        self._generating: dict[str, str | None] = {}

    def judge(self, module: Module, constant: ast.Constant, text: str) -> None:
        """Report a string that is run, or that looks like a part of code in a file that runs what it makes."""
        above = module.bindings.parents.get(constant)
        if isinstance(above, ast.Call) and last_name(above.func) in _RUNNERS:
            if self._name.search(text):
                reason = f"code in a string given to {last_name(above.func)} has the name"
                self.findings.leave_at(module, module.source.start(constant), reason)
            return
        runner = self._runner(module)
        if runner is None or isinstance(module.bindings.statement_of(constant), ast.Raise):
            return
        if text == self.findings.old:
            is_found = not self._is_member and _is_key(above, constant)
        else:
            is_found = self._code.search(text) is not None
        if is_found:
            place = self._name.search(text)
            span = (
                string_span(module.source, constant, place.start(), len(self.findings.old)) if place else None
            )
            reason = f"may be a part of the code that the file gives to {runner}, with the name"
            self.findings.leave_at(module, span[0] if span else module.source.start(constant), reason)

    def _runner(self, module: Module) -> str | None:
        """Return what a file gives code to that is not written out in the call; None if it does not."""
        if module.path not in self._generating:
            self._generating[module.path] = next(
                (each for each in _RUNNERS if _is_given_code(module, each)), None
            )
        return self._generating[module.path]


def _is_given_code(module: Module, runner: str) -> bool:
    for use, scope in module.bindings.names.get(runner, ()):
        call = module.bindings.parents.get(use)
        if (
            isinstance(call, ast.Call)
            and call.func is use
            and call.args
            and not isinstance(call.args[0], ast.Constant)
            and scope.lookup(runner, use) is None
        ):
            return True
    return False


def _is_key(above: ast.AST | None, constant: ast.Constant) -> bool:
    """Tell whether a string is a key: of the names that the code is given."""
    if isinstance(above, ast.Dict):
        return constant in above.keys
    return isinstance(above, ast.Subscript) and above.slice is constant
