"""Mentions of a module in strings of Python files: dotted paths, docstrings, names relative to a package."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.annotations import last_name
from overhaul.refactors.docstrings import docstrings
from overhaul.refactors.modules import parent
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.project import Module, exported_strings
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.mentions import Mentions
from overhaul.refactors.relocation.relocation import Relocation

_WHOLE = re.compile(
    r"\s*(?:[\w.-]+\s*=\s*)?[A-Za-z_]\w*(?:\.\w+)*(?::[A-Za-z_][\w.]*)?\s*(?:\[[\w, -]*\])?\s*"
)
_SETUP_ARGUMENTS = frozenset(
    {"packages", "py_modules", "entry_points", "package_data", "exclude_package_data", "console_scripts"}
)
_BY_NAME = frozenset({"getattr", "setattr", "hasattr", "delattr", "object"})


class PythonStrings:
    """Looks through the strings of every Python file that has the module's name."""

    def __init__(self, relocation: Relocation, findings: Findings, docs: bool, strings: bool) -> None:
        self.relocation = relocation
        self.project = relocation.project
        self.findings = findings
        self.docs, self.strings = docs, strings
        self.mentions = Mentions(relocation)

    def find(self) -> None:
        """Look for dotted names and paths: edit them by option, else report them."""
        for module in self.project.containing([self.relocation.leaf]):
            documented = set(docstrings(module))
            for constant in documented:
                self._docstring(module, constant)
            for constant, _ in module.bindings.strings:
                if constant not in documented and constant not in module.bindings.string_expressions:
                    self._string(module, constant, str(constant.value))
            for constant in module.bindings.byte_strings:
                if isinstance(constant.value, bytes):
                    self._longer(module, constant, constant.value.decode("utf-8", "replace"))
            for constant in module.bindings.opaque_annotations:
                self._longer(module, constant, str(constant.value))

    def _docstring(self, module: Module, constant: ast.Constant) -> None:
        source = module.source
        begin = source.start(constant)
        text = source.slice(begin, source.end(constant))
        for mention in self.mentions.find(text):
            replacement = self.mentions.replacement(text, mention) if mention.kind != "path" else None
            start, end, new = replacement or (mention.start, mention.end, "")
            first = begin + len(text[:start].encode(source.encoding))
            last = first + len(text[start:end].encode(source.encoding))
            if replacement is not None and self.docs:
                self.findings.replace(module, (first, last), new, "mention in a docstring")
            else:
                option = "; -p docs=yes edits it" if replacement is not None else ""
                self.findings.leave_at(module, first, f"mention in a docstring{option}")

    def _string(self, module: Module, constant: ast.Constant, text: str) -> None:
        for_setup = _is_setup_argument(module, constant)
        if not _WHOLE.fullmatch(text):
            self._longer(module, constant, text)
            return
        for mention in self.mentions.find(text, bare=for_setup):
            if mention.kind == "bare name" and "=" in text and "=" not in text[: mention.start]:
                continue  # the name of a command
            replacement = self.mentions.replacement(text, mention)
            start, end, new = replacement or (mention.start, mention.end, "")
            span = string_span(module.source, constant, start, end - start)
            is_dotted = mention.kind == "name" or for_setup
            if replacement is not None and span is not None and is_dotted and (self.strings or for_setup):
                reason = "argument of setup()" if for_setup else "dotted name in a string"
                self.findings.replace(module, span, new, reason, constant)
            else:
                option = "" if self.strings or not is_dotted else "; -p strings=yes edits it"
                offset = span[0] if span else module.source.start(constant)
                self.findings.leave_at(module, offset, f"{mention.kind} of the module in a string{option}")

    def _longer(self, module: Module, constant: ast.Constant, text: str) -> None:
        mention = next(iter(self.mentions.find(text)), None)
        if mention is not None:
            self.findings.leave_at(
                module, module.source.start(constant), f"{mention.kind} of the module inside a longer string"
            )


def edit_setup_arguments(relocation: Relocation, findings: Findings) -> None:
    """Edit the names of the module in the arguments of `setup()`, whose meaning setuptools documents."""
    strings = PythonStrings(relocation, findings, docs=False, strings=False)
    for module in relocation.project.containing([relocation.leaf]):
        for constant, _ in module.bindings.strings:
            if _is_setup_argument(module, constant):
                strings._string(module, constant, str(constant.value))


def report_relative_names(relocation: Relocation, findings: Findings) -> None:
    """Report strings that name the module without its package: `".mod"`, `getattr(package, "mod")`, lazy imports."""
    leaf = relocation.leaf
    relative = re.compile(rf"\.+(?:\w+\.)*{re.escape(leaf)}(?:[.:]\w+)*")
    for module in relocation.project.containing([leaf]):
        is_home = module.is_package and module.key == parent(relocation.old_key)
        exported = set(exported_strings(module))
        for constant, _ in module.bindings.strings:
            text = str(constant.value)
            if relative.fullmatch(text):
                findings.leave_at(
                    module,
                    module.source.start(constant),
                    "a name relative to a package; it may be the module",
                )
            elif text == leaf and ((is_home and constant not in exported) or _is_attribute(module, constant)):
                findings.leave_at(
                    module,
                    module.source.start(constant),
                    "a string that is the module's name; it may mean it",
                )


def report_exported_name(relocation: Relocation, findings: Findings) -> None:
    """Report the old package's `__all__` if it lists the module as a submodule, which it has no more."""
    package = relocation.project.table.at(parent(relocation.old_key))
    for module in relocation.project.modules_at(package) if package is not None else []:
        if relocation.leaf in module.scope.bindings:
            continue
        for constant in exported_strings(module):
            if constant.value == relocation.leaf:
                findings.leave_at(
                    module,
                    module.source.start(constant),
                    "__all__ lists the module, which leaves the package",
                )


def _is_setup_argument(module: Module, constant: ast.Constant) -> bool:
    """Tell whether a string is in an argument of `setup()` that names modules."""
    node: ast.AST | None = constant
    while node is not None and not isinstance(node, ast.stmt):
        above = module.bindings.parents.get(node)
        if isinstance(node, ast.keyword) and isinstance(above, ast.Call):
            return last_name(above.func) == "setup" and node.arg in _SETUP_ARGUMENTS
        node = above
    return False


def _is_attribute(module: Module, constant: ast.Constant) -> bool:
    """Tell whether a string is the name that `getattr`, `patch.object` and their like look up."""
    call = module.bindings.parents.get(constant)
    return (
        isinstance(call, ast.Call)
        and len(call.args) > 1
        and call.args[1] is constant
        and last_name(call.func) in _BY_NAME
    )
