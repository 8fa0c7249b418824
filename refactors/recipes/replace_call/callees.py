"""What is known of the function or class of a pattern: the names of its parameters, and who is an instance."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, Project
from overhaul.refactors.symbols.target import (
    UnreadableTarget,
    VariableTarget,
    find_target,
    functions_of,
)
from overhaul.refactors.values import ClassDefinition, ClassValue, Instance, Unknown


def parameters_of(project: Project, qualified: str) -> Sequence[str] | None:
    """Return the names of the parameters that take an argument by position or keyword, of a function of the tree.

    None if it is not defined there once and plainly, or has parameters that take no keyword.
    """
    if project.table.locate(qualified.partition(".")[0]) is None:
        return None
    inference = Inference(project)
    try:
        target = find_target(inference, qualified)
    except RefactorError:
        return None
    if not isinstance(target, VariableTarget):
        return None
    functions = functions_of(inference, target)
    if len(functions) != 1 or functions[0].node.decorator_list or functions[0].node.args.posonlyargs:
        return None
    names = [each.arg for each in functions[0].node.args.args]
    return names[1:] if functions[0].owner is not None else names


class ReceiverClass:
    """The class that the receiver of a method call must be of."""

    def __init__(self, project: Project, qualified: str) -> None:
        self.inference = Inference(project)
        self.name = qualified
        self.keys: set[str] = set()
        hierarchy = self.inference.hierarchy
        if project.table.locate(qualified.partition(".")[0]) is None:
            self.keys = {each.key for each in hierarchy.children_of_external(qualified)}
            return
        try:
            target = find_target(self.inference, qualified)
        except UnreadableTarget:
            return  # no receiver is proved to be of it; the project's failures say what was not read
        if isinstance(target, VariableTarget):
            for binding in target.scope.bindings[target.name]:
                if isinstance(binding.node, ast.ClassDef):
                    definition = project.class_definition(target.module, binding.node)
                    self.keys |= {definition.key, *(each.key for each in hierarchy.descendants(definition))}

    def judge(self, module: Module, receiver: ast.expr) -> bool | Doubt:
        """Tell whether a receiver is of the class, or why that is not known."""
        shown = ast.unparse(receiver)
        answers = set()
        for value in self.inference.values(module, receiver):
            if isinstance(value, Unknown):
                return Doubt(f"the receiver '{shown}' has no known type: {value.reason}")
            answers.add(self._is_instance(value))
        if len(answers) == 1:
            return answers.pop()
        return Doubt(f"the receiver '{shown}' may be of the class or of another")

    def judge_class(self, module: Module, node: ast.expr) -> bool | Doubt:
        """Tell whether an expression is the class itself or one below it, or why that is not known."""
        answers = set()
        for value in self.inference.values(module, node):
            if isinstance(value, Unknown):
                return Doubt(f"what '{ast.unparse(node)}' is, is not known: {value.reason}")
            answers.add(isinstance(value, ClassValue) and value.definition.key in self.keys)
        if len(answers) == 1:
            return answers.pop()
        return Doubt(f"'{ast.unparse(node)}' may be the class or something else")

    def defining(self, name: str) -> ClassDefinition | None:
        """Return a class of the tree below it that has a name from itself or another class of the tree."""
        hierarchy = self.inference.hierarchy
        below = hierarchy.children_of_external(self.name)
        return next((each for each in below if hierarchy.provider(each, name) is not None), None)

    def _is_instance(self, value: object) -> bool:
        if not isinstance(value, Instance):
            return False
        if isinstance(value.of, ClassDefinition):
            return value.of.key in self.keys
        return value.of == self.name
