"""Which files are worth parsing: told from their bytes, since parsing is nearly all that an analysis costs."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from overhaul.refactors.modules import Location, parent
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.replace_call.matching import Matcher
from overhaul.refactors.references import module_part

_RELATIVE_IMPORT = re.compile(rb"from\s*\.")


def candidate_modules(matcher: Matcher) -> list[Module]:
    """Return the parsed files that may call the pattern's function, under whatever name the tree gives it.

    `matcher.words` gets the names that the tree's imports give it.
    """
    return _Candidates(matcher).find()


class _Candidates:
    """The search for them, which goes from a module that imports the function to the modules that import it there.

    A file calls the function by a name of `matcher.words`. It reaches a function from outside the tree through
    the name of its top package or through a module of the tree that has imported it or what it is in.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self.project = matcher.project
        self.modules: dict[str, Module] = {}
        # Files that have one of the names and are not parsed yet, with their contents.
        self.waiting: dict[str, bytes] = {}
        # Names that modules of the tree import, by module key; True for the function itself.
        self.imported: dict[str, dict[str, bool]] = {}

    def find(self) -> list[Module]:
        self._wait_for(self.matcher.words)
        tops = self._outside_names()
        self._parse([path for path in self.waiting if tops is None or _has_word(self.waiting[path], tops)])
        self._start_at_definition()
        while new := self._new_imports():
            aliases = {name for _, names in new for name, is_function in names.items() if is_function}
            self._wait_for(aliases - self.matcher.words)
            self.matcher.words |= aliases
            self._parse([path for path in self.waiting if any(self._may_use(path, *each) for each in new)])
        return [self.modules[path] for path in sorted(self.modules)]

    def _wait_for(self, words: Collection[str]) -> None:
        """Read the files that have one of the words; `"...".join` is no call of a function named join."""
        before = rb"(?<!['\"]\.%s)" if self.matcher.target else b""
        patterns = [_word_pattern(word, before) for word in sorted(words)]
        for path in self.project.tree.containing(words, [".py"]):
            if path in self.modules or path in self.waiting:
                continue
            try:
                content = self.project.tree.read(path)
            except OSError:
                self.project.module(path)  # which notes the failure
                continue
            if any(pattern.search(content) for pattern in patterns):
                self.waiting[path] = content

    def _parse(self, paths: Iterable[str]) -> None:
        for path in paths:
            del self.waiting[path]
            module = self.project.module(path)
            if module is not None:
                self.modules[path] = module

    def _outside_names(self) -> set[str] | None:
        """Return the top packages of a function from outside the tree; None for one of the tree or a builtin."""
        tops = {name.partition(".")[0] for name in self.matcher.names}
        if self.matcher.target is None or "builtins" in tops:
            return None
        return tops if all(self.project.table.locate(top) is None for top in tops) else None

    def _start_at_definition(self) -> None:
        for name in self.matcher.names:
            module = module_part(self.project, name)
            location = self.project.table.locate(module) if module else None
            if module and location:
                first, _, rest = name[len(module) + 1 :].partition(".")
                self.imported.setdefault(location.key, {})[first] = not rest

    def _new_imports(self) -> list[tuple[Module, Mapping[str, bool]]]:
        """Return the names that modules import and that were not known yet, with the modules."""
        found: list[tuple[Module, Mapping[str, bool]]] = []
        for module in self.modules.values():
            known = self.imported.get(module.key, {})
            new = {
                name: is_function
                for statement, scope in module.bindings.imports
                if scope is module.scope
                for name, is_function in self._names_of(module, statement)
                if name not in known
            }
            if new:
                found.append((module, new))
        for module, names in found:
            self.imported.setdefault(module.key, {}).update(names)
        return found

    def _names_of(self, module: Module, statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, bool]]:
        """Give the names of a statement that stand for the function (True), or for something that it is in."""
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                found = self.project.absolute(module, alias.name) if alias.asname else None
                if alias.asname and self._leads_to_function(found):
                    yield alias.asname, False
            return
        source = self.project.import_source(module, statement)
        if source is None:
            return
        inside = self._names_in(source)
        for alias in statement.names:
            if alias.name == "*":
                yield from inside.items()
            elif alias.name in inside:
                yield alias.asname or alias.name, inside[alias.name]
            elif alias.asname and isinstance(source, Location):
                submodule = self.project.submodule(source, alias.name)
                if self._leads_to_function(submodule):
                    yield alias.asname, False

    def _leads_to_function(self, source: Location | str | None) -> bool:
        return source is not None and bool(self._names_in(source))

    def _names_in(self, source: Location | str) -> Mapping[str, bool]:
        """Return the names by which the function is reached in a module, of the tree or outside it."""
        if isinstance(source, Location):
            return self.imported.get(source.key, {})
        found = {}
        for name in self.matcher.names:
            if name.startswith(f"{source}."):
                first, _, rest = name[len(source) + 1 :].partition(".")
                found[first] = not rest
        return found

    def _may_use(self, path: str, module: Module, names: Collection[str]) -> bool:
        """Whether a waiting file has one of a module's names, and may import that module."""
        content = self.waiting[path]
        if not _has_word(content, names):
            return False
        if (
            module.is_package
            and path.startswith(f"{parent(module.path)}/")
            and _RELATIVE_IMPORT.search(content)
        ):
            return True  # `from . import name` does not say the package's name
        return _has_word(content, [module.name.rpartition(".")[2]])


def _has_word(content: bytes, words: Iterable[str]) -> bool:
    return any(_word_pattern(word).search(content) for word in words)


def _word_pattern(word: str, before: bytes = b"") -> re.Pattern[bytes]:
    """Return a pattern for a whole word, and nothing of `before` in front of it.

    What is looked back at comes last: a pattern that begins with its letters is found ten times as fast.
    """
    letters = re.escape(word.encode())
    behind = before.replace(b"%s", letters)
    return re.compile(letters + rb"(?!\w)(?<!\w" + letters + b")" + behind)
