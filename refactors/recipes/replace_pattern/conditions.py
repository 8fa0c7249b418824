"""What must be true of a place besides its structure: the sentences of `where`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError, did_you_mean
from overhaul.refactors.imports import dotted_names
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.replace_call.callees import ReceiverClass
from overhaul.refactors.recipes.replace_call.metavariables import metavariable, parse_with_metavariables
from overhaul.refactors.recipes.replace_pattern.searching import Found
from overhaul.refactors.recipes.replace_pattern.structure import Captures, Pattern
from overhaul.refactors.references import defined_name, meanings

Verdict = bool | Doubt
_KINDS: dict[str, Callable[[ast.expr], bool]] = {
    "constant": lambda node: isinstance(node, ast.Constant),
    "string": lambda node: isinstance(node, ast.Constant) and isinstance(node.value, str),
    "number": lambda node: (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | complex)
        and not isinstance(node.value, bool)
    ),
    "name": lambda node: isinstance(node, ast.Name),
    "plain": lambda node: isinstance(node, ast.Constant) or dotted_names(node) is not None,
}
_SENTENCES = (
    ("resolves", re.compile(r"(\$?[\w.]+) resolves to ([\w.]+(?:\.\*)?)")),
    ("kind", re.compile(r"(\$\w+) is (\w+)")),
    ("instance", re.compile(r"(\$\w+) is an instance of ([\w.]+)")),
    ("subclass", re.compile(r"(\$\w+) is a class below ([\w.]+)")),
    ("undefined", re.compile(r"()no class below ([\w.]+ defines \w+)")),
    ("unread", re.compile(r"()nothing reads the attribute (\w+)")),
    ("class", re.compile(r"()inside a class below ([\w.]+)")),
    ("decorates", re.compile(r"()decorates a function of (\d+) parameters?")),
)
_FORMS = (
    "'NAME resolves to package.name', '$X resolves to package.*', '$X is constant' (string, number, name, plain),"
    " '$X is an instance of package.Class', 'inside a class below package.Class',"
    " '$X is a class below package.Class', 'no class below package.Class defines name',"
    " 'nothing reads the attribute name', 'decorates a function of 2 parameters'"
)


@dataclass(frozen=True)
class Condition:
    """One sentence, read: what it says of which metavariable or name."""

    project: Project
    kind: str
    subject: str
    wanted: str

    def judge(self, found: Found) -> Verdict:
        """Tell whether it is true of a place, or why that is not known."""
        if self.kind == "class":
            return self._is_inside_class(found)
        if self.kind in {"undefined", "unread"}:
            return self._of_the_tree
        if self.kind == "decorates":
            return _decorates(found.module, found.nodes[0], int(self.wanted))
        verdicts = [self._judge_node(found, node) for node in self._subjects(found)]
        doubt = next((each for each in verdicts if isinstance(each, Doubt)), None)
        return False if False in verdicts else doubt or True

    def may_be_true(self, captures: Captures, meant: Mapping[str, str]) -> bool:
        """Tell whether it may be true of new code whose dotted names mean this."""
        node = captures.one.get(self.subject.removeprefix("$"))
        if node is None or metavariable(node) is not None:
            return True
        if self.kind == "kind":
            return _KINDS[self.wanted](node)
        if self.kind != "resolves":
            return True
        text = ast.unparse(node)
        wanted = self.wanted.removesuffix(".*")
        return f"{meant.get(text, text)}.".startswith(f"{wanted}.")

    def _judge_node(self, found: Found, node: ast.expr) -> Verdict:
        if self.kind == "kind":
            return _KINDS[self.wanted](node)
        if self.kind == "instance":
            return self._class.judge(found.module, node)
        if self.kind == "subclass":
            return self._class.judge_class(found.module, node)
        return self._resolves(found.module, node)

    def _subjects(self, found: Found) -> list[ast.expr]:
        """Return what the metavariable stands for, or where the name stands."""
        name = self.subject.removeprefix("$")
        if self.subject.startswith("$"):
            return [found.captures.one[name]] if name in found.captures.one else []
        return [
            node
            for root in found.nodes
            for node in ast.walk(root)
            if isinstance(node, ast.Name | ast.Attribute) and _spelt(node) == name
        ]

    def _resolves(self, module: Module, node: ast.expr) -> Verdict:
        wanted, everything = self.wanted.removesuffix(".*"), self.wanted.endswith(".*")
        target = defined_name(self.project, wanted)
        scope = module.bindings.scope_of(node)
        answers = {
            name is not None and (name == target or (everything and name.startswith(f"{target}.")))
            for name in meanings(self.project, module, node, scope)
        }
        if answers != {True, False}:
            return answers == {True}
        return Doubt(f"'{ast.unparse(node)}' is bound in several ways here")

    def _is_inside_class(self, found: Found) -> Verdict:
        above = found.module.bindings.parents.get(found.nodes[0])
        while above is not None and not isinstance(above, ast.ClassDef):
            if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                return False
            above = found.module.bindings.parents.get(above)
        if above is None:
            return False
        return self.project.class_definition(found.module, above).key in self._class.keys

    @cached_property
    def _class(self) -> ReceiverClass:
        return ReceiverClass(self.project, self.wanted.partition(" ")[0])

    @cached_property
    def _of_the_tree(self) -> Verdict:
        """Tell what is the same wherever it is asked."""
        name = self.wanted.rpartition(" ")[2]
        if self.kind == "undefined":
            definition = self._class.defining(name)
            return Doubt(f"{definition.qualified} has a '{name}' of the tree's own") if definition else True
        for module in self.project.containing([name]):
            for node, _ in module.bindings.attributes.get(name, ()):
                return Doubt(f"'{ast.unparse(node)}' is read in {module.path}:{node.lineno}")
        return True


def parse_conditions(sentences: Sequence[str], pattern: Pattern, project: Project) -> list[Condition]:
    """Read the sentences. Raises ParameterError for one that says nothing that can be told."""
    return [_parsed(sentence.strip(), pattern, project) for sentence in sentences]


def words_of(conditions: Sequence[Condition]) -> list[set[str]]:
    """Return for each condition the words of which a file must have one for it to be true anywhere there."""
    found = []
    for each in conditions:
        if each.kind == "resolves":
            parts = each.wanted.removesuffix(".*").split(".")
            found.append({parts[0], parts[-1]})
    return found


def _parsed(sentence: str, pattern: Pattern, project: Project) -> Condition:
    for kind, form in _SENTENCES:
        match = form.fullmatch(sentence)
        if match is None:
            continue
        subject, wanted = match.groups()
        if kind == "kind" and wanted not in _KINDS:
            raise ParameterError(
                f"where: '{sentence}': there is no kind '{wanted}'.{did_you_mean(wanted, _KINDS)}"
                f" Known: {', '.join(_KINDS)}."
            )
        if subject.startswith("$") and subject[1:] not in pattern.one:
            known = [f"${name}" for name in sorted(pattern.one)]
            raise ParameterError(f"where: the pattern has no {subject}.{did_you_mean(subject, known)}")
        if subject and not subject.startswith("$") and not _has_name(pattern, subject):
            raise ParameterError(f"where: the pattern has no name '{subject}'.")
        return Condition(project, kind, subject, wanted)
    raise ParameterError(f"where: '{sentence}' is none of {_FORMS}.")


def _has_name(pattern: Pattern, name: str) -> bool:
    _, wanted = parse_with_metavariables(name, "name")
    return any(
        ast.dump(node) == ast.dump(wanted) or _spelt(node) == name
        for root in pattern.nodes
        for node in ast.walk(root)
    )


def _spelt(node: ast.AST) -> str | None:
    chain = dotted_names(node) if isinstance(node, ast.expr) else None
    return ast.unparse(node) if chain is not None and metavariable(chain[0]) is None else None


def _decorates(module: Module, node: ast.AST, count: int) -> Verdict:
    function = module.bindings.parents.get(node)
    if not isinstance(function, ast.FunctionDef) or node not in function.decorator_list:
        return False
    arguments = function.args
    is_plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs)
    return is_plain and not arguments.defaults and len(arguments.args) == count
