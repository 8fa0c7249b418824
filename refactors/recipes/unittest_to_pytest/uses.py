"""What the methods of a family's classes do with their instance: every use of it is accounted for."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.unittest_to_pytest.claims import Claim, Names, claim_of, is_assertion
from overhaul.refactors.recipes.unittest_to_pytest.families import (
    Family,
    is_offered,
    methods_of,
    receiver_scope,
)
from overhaul.refactors.recipes.unittest_to_pytest.layout import comment_doubt, same_claim
from overhaul.refactors.recipes.unittest_to_pytest.raises import (
    Raises,
    is_text_of_failure_used,
    raises_of,
)
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import (
    HOOKS,
    LIFECYCLE,
    MEMBERS,
    RAISES,
    SETTINGS,
    current_name,
)
from overhaul.refactors.scopes import Scope
from overhaul.refactors.values import ClassDefinition


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a file that a site or an obstacle is about."""

    module: Module
    node: ast.expr | ast.stmt


@dataclass(slots=True)
class Uses:
    """What a family uses of TestCase.

    `obstacles` are the uses for which the classes have to stay TestCases; `doubts` those of them that are assertions.
    """

    claims: list[tuple[Place, str, Claim]] = field(default_factory=list)
    raises: list[tuple[Place, str, Raises]] = field(default_factory=list)
    exits: list[tuple[Place, str]] = field(default_factory=list)
    renames: list[tuple[Place, ClassDefinition, str]] = field(default_factory=list)
    supers: list[tuple[Place, ClassDefinition, str]] = field(default_factory=list)
    settings: list[Place] = field(default_factory=list)
    doubts: list[tuple[Place, str, str]] = field(default_factory=list)
    obstacles: list[tuple[Place, str]] = field(default_factory=list)
    assertions: set[ast.AST] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    has_own_equality: bool = False
    answers: dict[tuple[str, str], tuple[str, tuple[ImportStatement, ...]]] = field(default_factory=dict)

    def stop(self, place: Place, reason: str) -> None:
        """Note why the classes stay TestCases."""
        self.obstacles.append((place, reason))

    def leave(self, place: Place, name: str, reason: str) -> None:
        """Note an assertion that stays, and its class with it."""
        self.doubts.append((place, name, reason))
        self.stop(place, f"'{name}' is used: {reason}")


def uses_of(family: Family) -> Uses:
    """Look at every use of an instance, of `super()` and of the settings in a family's classes."""
    uses = Uses()
    overridden = sorted(HOOKS & family.defined)
    by_module: dict[str, _Receivers] = {}
    for member in family.members:
        path = member.module.path
        if path not in by_module:
            by_module[path] = _Receivers(member.module)
        _settings(uses, member)
        for method in methods_of(member):
            found = receiver_scope(member, method)
            is_of_class = any(getattr(each, "id", "") == "classmethod" for each in method.decorator_list)
            for node in by_module[path].uses(*found) if found is not None else ():
                _Use(family, uses, member, node, overridden, is_of_class).note()
        for call in _supers(member):
            _super(uses, member, call)
    _leave_replaced(uses)
    _settle_siblings(uses)
    return uses


def _leave_replaced(uses: Uses) -> None:
    """Leave all assertions where an instance gets other methods than TestCase's, or compares in its own way."""
    if uses.has_own_equality:
        for each in [each for each in uses.claims if current_name(each[1]) == "assertEqual"]:
            uses.claims.remove(each)
            uses.leave(each[0], each[1], "a type has its own equality, by addTypeEqualityFunc")
    if uses.replaced:
        reason = f"an instance gets its own '{min(uses.replaced)}'"
        for place, name, _ in [*uses.claims, *uses.raises]:
            uses.leave(place, name, reason)
        for place, name in uses.exits:
            uses.leave(place, name, reason)
        uses.claims, uses.raises, uses.exits = [], [], []


class _Receivers:
    """The uses of first parameters in a file, by the scopes that bind them."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.by_name: dict[str, dict[Scope, list[ast.Name]]] = {}

    def uses(self, name: str, scope: Scope) -> list[ast.Name]:
        if name not in self.by_name:
            found: dict[Scope, list[ast.Name]] = defaultdict(list)
            for node, place in self.module.bindings.names.get(name, ()):
                owner = place.lookup(name, node)
                if owner is not None:
                    found[owner].append(node)
            self.by_name[name] = found
        return self.by_name[name].get(scope, [])


@dataclass(slots=True)
class _Use:
    """One use of `self` or `cls`."""

    family: Family
    uses: Uses
    member: ClassDefinition
    node: ast.Name
    overridden: list[str]
    is_of_class: bool

    def note(self) -> None:
        parents = self.member.module.bindings.parents
        place = Place(self.member.module, self.node)
        attribute = parents.get(self.node)
        if not isinstance(attribute, ast.Attribute):
            is_super = isinstance(attribute, ast.Call) and getattr(attribute.func, "id", "") == "super"
            if not is_super:
                self.uses.stop(place, f"'{self.node.id}' itself is handed on or bound")
            return
        name = attribute.attr
        if not isinstance(attribute.ctx, ast.Load):
            self._store(place, attribute)
        elif name in LIFECYCLE:
            self.uses.renames.append((Place(self.member.module, attribute), self.member, name))
        elif name in MEMBERS and name not in self.family.defined:
            self._member(Place(self.member.module, attribute), attribute)

    def _store(self, place: Place, attribute: ast.Attribute) -> None:
        statement = self.member.module.bindings.statement_of(attribute)
        if attribute.attr in SETTINGS and _is_plain(statement):
            self.uses.settings.append(Place(self.member.module, statement))
        elif attribute.attr in MEMBERS:
            self.uses.stop(place, f"'{attribute.attr}' of TestCase is set")
            self.uses.replaced.add(attribute.attr)

    def _member(self, place: Place, attribute: ast.Attribute) -> None:
        """Note the use of a method or attribute that TestCase gives."""
        name, module = attribute.attr, self.member.module
        call = module.bindings.parents.get(attribute)
        is_call = isinstance(call, ast.Call) and call.func is attribute
        if name.startswith(("assert", "fail")):
            self.uses.assertions.add(attribute)
        if name.startswith(("assert", "fail")) and is_offered(module.path):
            self.uses.leave(place, name, "the project's users may inherit from the class")
        elif self.is_of_class and (name.startswith("assert") or name in ("fail", "skipTest")):
            self.uses.leave(
                place, name, "it is called on the class, and takes its first argument for the instance"
            )
        elif current_name(name) in RAISES or is_assertion(name):
            if not isinstance(call, ast.Call) or not is_call:
                self.uses.leave(place, name, "it is used as a value")
            elif self.overridden:
                self.uses.leave(place, name, f"the class has its own '{self.overridden[0]}'")
            elif current_name(name) in RAISES:
                self._raises(place, name, call)
            else:
                self._claim(place, name, call)
        elif name in ("fail", "skipTest") and isinstance(call, ast.Call) and is_call:
            self._exit(place, name, call)
        elif name.startswith("assert"):
            self.uses.leave(place, name, "nothing else is exactly the same")
        else:
            self.uses.has_own_equality |= name == "addTypeEqualityFunc"
            self.uses.stop(place, f"'{name}' is used")

    def _claim(self, place: Place, name: str, call: ast.Call) -> None:
        module = self.member.module
        statement = module.bindings.parents.get(call)
        if not isinstance(statement, ast.Expr):
            self.uses.leave(place, name, "it is used as a value")
            return
        if is_text_of_failure_used(module, statement):
            self.uses.leave(place, name, "what its failure says is looked at")
            return
        claim = claim_of(self.family.inference, self._names(call), name, call)
        if isinstance(claim, Claim):
            kept = [each.node for each in claim.pieces if not isinstance(each, str)]
            kept += [claim.message] if claim.message is not None else []
            doubt = comment_doubt(module, call, kept)
            if doubt is None and not same_claim(claim, module):
                doubt = Doubt("it cannot be written as an assert")
            claim = doubt or claim
        if isinstance(claim, Doubt):
            self.uses.leave(place, name, claim.reason)
        else:
            self.uses.claims.append((Place(module, statement), name, claim))

    def _raises(self, place: Place, name: str, call: ast.Call) -> None:
        found = raises_of(self._names(call), name, call)
        if isinstance(found, Doubt):
            self.uses.leave(place, name, found.reason)
        else:
            self.uses.raises.append((place, name, found))

    def _exit(self, place: Place, name: str, call: ast.Call) -> None:
        """Note a call that ends the test: as a statement, with one text at most."""
        module = self.member.module
        statement = module.bindings.parents.get(call)
        keyword = "msg" if name == "fail" else "reason"
        given = [*call.args, *(each.value for each in call.keywords if each.arg == keyword)]
        is_plain = len(given) == len(call.args) + len(call.keywords) <= 1
        source = module.source
        is_plain &= all(
            source.slice(source.start(each), source.start(each.value)).replace(" ", "") == f"{keyword}="
            for each in call.keywords
        )
        if (
            not isinstance(statement, ast.Expr)
            or not is_plain
            or any(isinstance(each, ast.Starred) for each in given)
        ):
            self.uses.leave(place, name, "it is no statement with one text")
        elif name == "skipTest" and (not given or _is_tried(module, statement)):
            self.uses.leave(place, name, "an except clause may catch it, and pytest.skip is caught by none")
        elif self.overridden:
            self.uses.leave(place, name, f"the class has its own '{self.overridden[0]}'")
        elif name == "fail" and self._names(call).builtin("AssertionError") is not None:
            self.uses.leave(place, name, "'AssertionError' may mean something else here")
        elif name == "skipTest" and isinstance(self._names(call).find("pytest.skip"), Doubt):
            self.uses.leave(place, name, "'pytest' means something else here")
        else:
            self.uses.exits.append((Place(module, statement), name))

    def _names(self, call: ast.Call) -> Names:
        module = self.member.module
        return Names(
            self.family.inference.project,
            module,
            module.bindings.scope_of(call),
            call.lineno,
            self.uses.answers,
        )


def _settings(uses: Uses, member: ClassDefinition) -> None:
    """Note what the class's block sets of TestCase's own."""
    for statement in member.node.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = {each.id for each in targets if isinstance(each, ast.Name)}
        is_read = any(
            scope is member.scope and not isinstance(use.ctx, ast.Store)
            for name in names & SETTINGS
            for use, scope in member.module.bindings.names.get(name, ())
        )
        if names & SETTINGS and _is_plain(statement) and not is_read:
            uses.settings.append(Place(member.module, statement))
        elif names & MEMBERS:
            uses.stop(Place(member.module, statement), f"'{min(names & MEMBERS)}' of TestCase is set")


def _is_plain(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.value, ast.Constant)
    )


def _supers(member: ClassDefinition) -> Iterator[ast.Call]:
    parents, node = member.module.bindings.parents, member.node
    for use, _ in member.module.bindings.names.get("super", ()):
        call = parents.get(use)
        if (
            node.lineno <= use.lineno <= (node.end_lineno or 0)
            and isinstance(call, ast.Call)
            and call.func is use
        ):
            yield call


def _super(uses: Uses, member: ClassDefinition, call: ast.Call) -> None:
    attribute = member.module.bindings.parents.get(call)
    place = Place(member.module, call)
    if not isinstance(attribute, ast.Attribute):
        uses.stop(place, "'super()' itself is handed on")
    elif attribute.attr in LIFECYCLE:
        uses.supers.append((Place(member.module, attribute), member, attribute.attr))
    elif attribute.attr in MEMBERS:
        uses.stop(place, f"'{attribute.attr}' of TestCase is used")


def _is_tried(module: Module, statement: ast.stmt) -> bool:
    above: ast.AST | None = statement
    while above is not None and not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
        if isinstance(above, ast.Try) and above.handlers:
            return True
        above = module.bindings.parents.get(above)
    return False


def _settle_siblings(uses: Uses) -> None:
    """Keep contexts of one name together: if one stays, so do all."""
    while True:
        changing = {raises.call for _, _, raises in uses.raises}
        staying = [each for each in uses.raises if not changing.issuperset(each[2].siblings)]
        if not staying:
            return
        for place, name, raises in staying:
            uses.raises.remove((place, name, raises))
            uses.leave(place, name, "another one with this name for its context stays")
