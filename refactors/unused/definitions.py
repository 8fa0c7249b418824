"""Private functions, classes, constants and methods of which nothing in the repository speaks."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from overhaul.refactors.annotations import last_name
from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.indentation import first_line, line_text
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.public_names import is_test_path
from overhaul.refactors.recipes.rename_symbol.computed_names import computed_calls
from overhaul.refactors.references import meanings
from overhaul.refactors.scopes import Binding, FunctionNode
from overhaul.refactors.standard_library import defines, is_standard
from overhaul.refactors.unused.finding import Unused
from overhaul.refactors.unused.reflection import global_reflection, is_excused, is_inside, strings_with

# Read by Jupyter, IPython and the like, each by this very name.
_READ_BY_TOOLS = re.compile(
    r"_(?:jupyter|load_jupyter|unload_jupyter|ipython|repr_|pytest|sphinx|nested_|asdict)"
)
_METHOD_DECORATORS = frozenset(
    {"staticmethod", "classmethod", "property", "cached_property", "lru_cache", "cache", "final"}
)
_FUNCTION_DECORATORS = frozenset(
    {"lru_cache", "cache", "final", "wraps", "contextmanager", "asynccontextmanager"}
)
_QUIET_CALLS = frozenset(
    {
        f"{module}.{name}"
        for module in ("typing", "typing_extensions")
        for name in ("TypeVar", "ParamSpec", "TypeVarTuple", "NewType")
    }
)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def is_private_name(name: str) -> bool:
    """Tell whether a name is private by convention, and none that Python or a tool asks for."""
    return name.startswith("_") and not name.endswith("_") and not _READ_BY_TOOLS.match(name)


def private_definitions(module: Module, names: Collection[str] | None = None) -> Iterator[Binding]:
    """Yield the private definitions at the top of a file, and the private methods of its classes."""
    if module.path.endswith((".pyi", ".ipynb.py")):
        return
    for scope in module.scope.subtree():
        if scope.kind not in ("module", "class"):
            continue
        for name, bindings in scope.bindings.items():
            if not is_private_name(name) or (names is not None and name not in names):
                continue
            kinds = (FunctionNode, ast.ClassDef, ast.Name) if scope.kind == "module" else (FunctionNode,)
            if len(bindings) == 1 and bindings[0].scope is scope and isinstance(bindings[0].node, kinds):
                yield bindings[0]


@dataclass(slots=True)
class Mentions:
    """Which files have which private words, and the parts of names that code computes."""

    paths: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parts: set[str] = field(default_factory=set)

    def add(self, module: Module) -> None:
        """Take note of a file."""
        for word in set(re.findall(r"\b_\w+", module.source.text)):
            self.paths[word].append(module.path)
        for _, expression in computed_calls(module):
            for each in ast.walk(expression):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    self.parts.update(
                        part for part in re.split(r"%\w|\{.*?\}|\.", each.value) if part.strip("_")
                    )

    def may_be_computed(self, name: str) -> bool:
        """Tell whether code puts names together from a part of this one."""
        return any(name.startswith(part) or name.endswith(part) for part in self.parts if len(part) > 1)


class PrivateDefinitions:
    """Judges the private definitions of a project by everything that mentions their names."""

    def __init__(self, project: Project, mentions: Mentions) -> None:
        self.project = project
        self.mentions = mentions
        self.inference = Inference(project)

    def judged(self, module: Module, bindings: Iterable[Binding]) -> Iterator[Unused]:
        """Yield those of some definitions of a file that nothing uses."""
        for binding in bindings:
            statement = self._statement(module, binding)
            if statement is None or self._is_excused(module, statement):
                continue
            found = self._mention(module, binding, statement)
            if found is True:
                continue
            doubt = found or self._doubt(module, binding, statement)
            span = name_span(module.bindings, binding.node, binding.name)
            kind = "method" if binding.scope.kind == "class" else "definition"
            yield Unused(
                module, "definitions", binding.name, binding.scope, binding.node,
                span[0] if span else module.source.start(statement),
                f"private {kind} that nothing in the repository uses", doubt, statement,
            )  # fmt: skip

    def _statement(self, module: Module, binding: Binding) -> ast.stmt | None:
        node = binding.node
        if isinstance(node, Definition):
            return node
        statement = module.bindings.statement_of(node)
        match statement:
            case ast.Assign(targets=[ast.Name() as target]) if target is node:
                return statement
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr()) if target is node:
                return statement
        return None

    def _is_excused(self, module: Module, statement: ast.stmt) -> bool:
        lines = {first_line(statement), statement.lineno}
        return any(
            is_excused(text := line_text(module.source, line), "F811", "unused") or "pragma" in text
            for line in lines
        )

    def _mention(self, module: Module, binding: Binding, statement: ast.stmt) -> str | bool:
        """Return True if code uses the name, a doubt if text may, and an empty text if nothing does."""
        name, doubt = binding.name, ""
        for path in sorted({*self.mentions.paths.get(name, ()), *self._mangled(binding)}):
            other = self.project.module(path)
            if other is None:
                continue  # the failures say so, and the search for words finds it
            own = statement if other is module else None
            if self._is_used_in(other, module, binding, own):
                return True
            for string in strings_with(other, name):
                if own is not None and is_inside(module, string, own):
                    continue
                if other is module and _is_in_all(module, string):
                    return True
                doubt = doubt or f"a string names it ({path}:{string.lineno})"
            if path.endswith(".pyi") and other.key == module.key:
                doubt = doubt or f"the stub declares it ({path})"
        return doubt or self._in_other_files(name)

    def _mangled(self, binding: Binding) -> list[str]:
        if not binding.name.startswith("__"):
            return []
        owner = getattr(binding.scope.node, "name", "").lstrip("_")
        return self.mentions.paths.get(f"_{owner}{binding.name}", [])

    def _in_other_files(self, name: str) -> str:
        for path in self.project.tree.containing([name], [""]):
            if not path.endswith((".py", ".pyi")) or path in self.project.failures:
                return f"{path} names it"
        return ""

    def _is_used_in(self, other: Module, home: Module, binding: Binding, own: ast.stmt | None) -> bool:
        name, bindings = binding.name, other.bindings
        for use, scope in bindings.names.get(name, ()):
            if use is binding.node or (own is not None and is_inside(other, use, own)):
                continue
            owner = scope.lookup(name, use)
            if owner is binding.scope or (owner is None and bool(bindings.star_imports)):
                return True
        for statement, _ in bindings.imports:
            if isinstance(statement, ast.ImportFrom) and any(alias.name == name for alias in statement.names):
                source = self.project.import_source(other, statement)
                if source is None or (isinstance(source, Location) and source.key == home.key):
                    return True
        mangled = (
            f"_{getattr(binding.scope.node, 'name', '').lstrip('_')}{name}" if name.startswith("__") else name
        )
        uses = [
            *bindings.attributes.get(name, ()),
            *(bindings.attributes.get(mangled, ()) if mangled != name else ()),
        ]
        if any(own is None or not is_inside(other, use, own) for use, _ in uses):
            return True
        if name in bindings.keywords or any(name in scope.global_names for scope in other.scope.subtree()):
            return True
        return any(name in pattern.kwd_attrs for pattern, _ in bindings.class_patterns)

    def _doubt(self, module: Module, binding: Binding, statement: ast.stmt) -> str | None:
        above = module.bindings.parents.get(statement)
        if above is not binding.scope.node:
            return "it is defined under a condition"
        if binding.name.startswith("_test") and is_test_path(module.path):
            return "it may be a test that is switched off"
        if self.mentions.may_be_computed(binding.name):
            return "code reads attributes by names that it computes, which may give this one"
        reflection = global_reflection(module)
        if reflection is not None:
            return f"{reflection} in this file may read it by its name"
        if any(True for _ in computed_calls(module)):
            return "this file reads attributes by computed names"
        if module.bindings.opaque_annotations:
            return "an annotation of this file cannot be read"
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            return self._value_doubt(module, statement.value)
        assert isinstance(statement, Definition)  # noqa: S101
        allowed = _METHOD_DECORATORS if binding.scope.kind == "class" else _FUNCTION_DECORATORS
        for each in statement.decorator_list:
            name = last_name(each.func if isinstance(each, ast.Call) else each)
            if name not in allowed or isinstance(statement, ast.ClassDef):
                return "its decorator may hand it to others"
        if isinstance(statement, ast.ClassDef):
            return self._class_doubt(module, statement)
        if isinstance(binding.scope.node, ast.ClassDef):
            return self._owner_doubt(module, binding)
        return self._header_doubt(statement)

    def _value_doubt(self, module: Module, value: ast.expr | None) -> str | None:
        if value is None or (
            changes_nothing(value) and not any(isinstance(each, ast.Attribute) for each in ast.walk(value))
        ):
            return None
        if isinstance(value, ast.Call):
            found = meanings(self.project, module, value.func, module.scope)
            if found and all(each in _QUIET_CALLS for each in found):
                return None
        return "evaluating its value may have an effect"

    def _header_doubt(self, node: FunctionNode) -> str | None:
        defaults = [*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)]
        return None if all(map(changes_nothing, defaults)) else "evaluating its defaults may have an effect"

    def _class_doubt(self, module: Module, node: ast.ClassDef) -> str | None:
        for base in node.bases:
            plain = base.value if isinstance(base, ast.Subscript) else base
            found = meanings(self.project, module, plain, module.scope)
            known = {
                "builtins.object",
                "builtins.Exception",
                "typing.Protocol",
                "typing.NamedTuple",
                "typing.TypedDict",
                "typing.Generic",
            }
            if not found or not all(each in known for each in found):
                return "its base may take note of its subclasses"
        if node.keywords:
            return "its metaclass may take note of it"
        quiet = all(
            isinstance(each, FunctionNode | ast.Pass | ast.AnnAssign)
            or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            or (isinstance(each, ast.Assign) and changes_nothing(each.value))
            for each in node.body
        ) and not any(each.decorator_list for each in node.body if isinstance(each, FunctionNode))
        return None if quiet else "its block runs code that may have effects"

    def _owner_doubt(self, module: Module, binding: Binding) -> str | None:
        node = binding.scope.node
        assert isinstance(node, ast.ClassDef)  # noqa: S101 - asked for by who calls
        assert isinstance(binding.node, FunctionNode)  # noqa: S101
        if node.keywords or node.decorator_list:
            return "a decorator or metaclass of its class may look at it"
        definition = self.inference.project.class_definition(module, node)
        family = [definition, *self.inference.hierarchy.ancestry(definition).classes]
        family += self.inference.hierarchy.descendants(definition)
        for each in family:
            ancestry = self.inference.hierarchy.ancestry(each)
            if ancestry.unknown:
                return f"{ancestry.unknown[0]}, a base of its class, is not known"
            for name in ancestry.external:
                if (not is_standard(name) and not name.startswith("builtins.")) or defines(
                    name, binding.name
                ) is not False:
                    return f"{name}, a base of its class from outside the tree, may call it"
            if any(True for _ in computed_calls(each.module)):
                return f"{each.module.path} reads attributes by computed names"
            if each.node.keywords:
                return "a metaclass may look at it"
        return self._header_doubt(binding.node)


def _is_in_all(module: Module, string: ast.Constant) -> bool:
    statement = module.bindings.statement_of(string)
    return any(isinstance(each, ast.Name) and each.id == "__all__" for each in ast.walk(statement))
