"""The arguments of a call for the new signature: which by position, which by keyword, in which order.

As little changes as can be: an argument keeps its form where it may. Arguments whose order of evaluation matters
keep it, by keywords if need be.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.change_signature.arguments import (
    Argument,
    Bound,
    bind,
    may_be_mapped,
)
from overhaul.refactors.recipes.change_signature.evaluation_order import keeps_order
from overhaul.refactors.recipes.change_signature.obstacles import obstacle
from overhaul.refactors.recipes.change_signature.signature import (
    Kind,
    Parameter,
    by_name,
    of_kind,
    positional,
)
from overhaul.refactors.recipes.change_signature.transfer import SignatureChange


@dataclass(frozen=True, slots=True)
class Placed:
    """An argument of the new call: one of the old ones, or the text of a new one; and its keyword."""

    argument: Argument | None
    keyword: str | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """What the user wants of calls: arguments by position where they can be; dropped ones with side effects."""

    normalize: bool = False
    drops_effects: bool = False


def arrange(
    bindings: ModuleBindings,
    change: SignatureChange,
    arguments: Sequence[Argument],
    style: Style,
    is_partial: bool = False,
) -> list[Placed] | Doubt:
    """Return the new arguments of a call, or why they cannot be told."""
    bound = bind(change.old, arguments, is_partial)
    if isinstance(bound, Doubt):
        return Doubt(f"the call does not fit the signature: {bound.reason}")
    doubt = obstacle(change, bound, style.drops_effects)
    if doubt is not None:
        return doubt
    arranger = _Arranger(change, bound, list(arguments), style)
    before = [each.value for each in _evaluation_order(arguments)]
    for preferred in (arranger.by_signature(), arranger.by_evaluation()):
        if isinstance(preferred, Doubt):
            doubt = preferred
            continue
        after = [each.argument.value for each in preferred if each.argument is not None]
        if keeps_order(bindings, before, after):
            return preferred
        doubt = Doubt("the arguments would be evaluated in another order, and may have side effects")
    return doubt or Doubt("the arguments cannot be arranged")


def is_same(placed: Sequence[Placed], arguments: Sequence[Argument]) -> bool:
    """Tell whether the new arguments are the old ones, as they are."""
    before = [(each, each.keyword) for each in _evaluation_order(arguments)]
    return [(each.argument, each.keyword) for each in placed] == before


def _evaluation_order(arguments: Sequence[Argument]) -> list[Argument]:
    """Python evaluates those by position first, also a `*` that is written behind a keyword."""
    by_position = [each for each in arguments if each.keyword is None and each.stars != "**"]
    return [*by_position, *(each for each in arguments if each not in by_position)]


@dataclass(slots=True)
class _Arranger:
    change: SignatureChange
    bound: Bound
    arguments: list[Argument]
    style: Style
    places: dict[Argument, int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {each: index for index, each in enumerate(_evaluation_order(self.arguments))}

    def by_signature(self) -> list[Placed] | Doubt:
        """Return the arguments in the order of the parameters."""
        return self._arranged(lambda _: False)

    def by_evaluation(self) -> list[Placed] | Doubt:
        """Return them in the order in which they are evaluated now: keywords from the first that changes places."""
        expected = iter(sorted(self.places.values()))
        kept: set[int] = set()
        for each in positional(self.change.new):
            argument = self._argument(each)
            if argument is None:
                continue
            following = next(expected, None)
            while following is not None and self._is_removed(following):
                following = next(expected, None)
            if self.places[argument] != following:
                break
            kept.add(following)
        return self._arranged(lambda argument: self.places[argument] not in kept)

    def _is_removed(self, place: int) -> bool:
        removed = {each.name for each in self.change.removed}
        return any(
            self.places[argument] == place
            for name, argument in self.bound.by_parameter.items()
            if name in removed
        )

    def _is_by_position(self, parameter: Parameter) -> bool:
        argument = self._argument(parameter)
        return argument is not None and argument.keyword is None

    def _argument(self, parameter: Parameter) -> Argument | None:
        return self.bound.by_parameter.get(parameter.origin) if parameter.origin else None

    def _placed(self, parameter: Parameter, keyword: str | None) -> Placed | None:
        argument = self._argument(parameter)
        if argument is not None:
            return Placed(argument, keyword)
        # A value is for calls that do not pass the parameter in some way that is not seen.
        if parameter.value is not None and not self._comes_unseen(parameter):
            return Placed(None, keyword, parameter.value)
        return None

    def _comes_unseen(self, parameter: Parameter) -> bool:
        before = by_name(self.change.old, parameter.origin or "")
        return before is not None and may_be_mapped(before, self.bound)

    def _arranged(self, must_be_keyword: Callable[[Argument], bool]) -> list[Placed] | Doubt:
        front: list[Placed] = []
        keywords: list[Placed] = []
        is_broken = False
        new = positional(self.change.new)
        needed = self._needed_by_position(new)
        for index, each in enumerate(new):
            placed = self._placed(each, None)
            if placed is None:
                if index < needed and not self._passes_rest(index):
                    placed = self._filled(each)
                    if placed is None:
                        return Doubt(
                            f"'{each.name}' would have to be passed as well, to reach what follows it"
                        )
                else:
                    # What follows goes by keyword: by position it would come before an unseen argument.
                    is_broken = True
                    continue
            is_followed = any(self._is_by_position(other) for other in new[index + 1 :])
            wants_keyword = is_broken or self._stays_keyword(each, placed, must_be_keyword, is_followed)
            if index < needed or each.kind is Kind.POSITIONAL_ONLY:
                if is_broken:
                    return Doubt(
                        f"'{each.name}' can only be passed by position, and one before it is not passed"
                    )
                front.append(placed)
            elif wants_keyword:
                is_broken = True
                keywords.append(Placed(placed.argument, each.name, placed.text))
            else:
                front.append(placed)
        for each in self.change.new:
            if each.kind is Kind.KEYWORD_ONLY:
                placed = self._placed(each, each.name)
                if placed is not None:
                    keywords.append(placed)
        front += [Placed(each, None) for each in self.bound.overflow]
        return [*front, *self._in_order(keywords)]

    def _stays_keyword(
        self,
        parameter: Parameter,
        placed: Placed,
        must_be_keyword: Callable[[Argument], bool],
        is_followed: bool,
    ) -> bool:
        if placed.argument is None:  # what may be left out reads better by keyword
            return parameter.default is not None and not self.style.normalize and not is_followed
        if must_be_keyword(placed.argument):
            return True
        return placed.argument.keyword is not None and not self.style.normalize

    def _needed_by_position(self, new: Sequence[Parameter]) -> int:
        """Return how many parameters must be passed by position, for what follows them to be reached."""
        if self.bound.overflow and not self.bound.is_open:
            return len(new)
        only = [index for index, each in enumerate(new) if each.kind is Kind.POSITIONAL_ONLY]
        passed = [index for index in only if self._placed(new[index], None) is not None]
        needed = passed[-1] + 1 if passed else 0
        if self.bound.is_open:
            # Those in front of what an unseen argument reaches: `_hidden` has checked that they are passed.
            hidden = {each.name for each in positional(self.change.old)[self.bound.count :]}
            first = next((index for index, each in enumerate(new) if each.origin in hidden), None)
            needed = max(needed, first if first is not None else self._front_of_open(new))
        return needed

    def _front_of_open(self, new: Sequence[Parameter]) -> int:
        stars = of_kind(self.change.old, Kind.VAR_POSITIONAL)
        if stars is not None:
            return len(new)
        last = [index for index, each in enumerate(new) if each.origin in self.bound.by_parameter]
        return last[-1] + 1 if last else 0

    def _passes_rest(self, index: int) -> bool:
        """Tell whether an unseen argument may reach a parameter by position."""
        if not self.bound.is_open:
            return False
        hidden = {each.name for each in positional(self.change.old)[self.bound.count :]}
        return positional(self.change.new)[index].origin in hidden

    def _filled(self, parameter: Parameter) -> Placed | None:
        """Return the parameter's own default, to be passed so that what follows can be."""
        default = parameter.default
        if default is None:
            return None
        try:
            is_constant = isinstance(ast.parse(default, mode="eval").body, ast.Constant | ast.UnaryOp)
        except SyntaxError:
            is_constant = False
        return Placed(None, None, default) if is_constant and default != "..." else None

    def _in_order(self, keywords: Sequence[Placed]) -> Iterator[Placed]:
        """Yield the keywords: old ones in the order of evaluation, new ones after them, `**` where it was."""
        extra = [*self.bound.extra, *self.bound.mappings]
        old = [each for each in keywords if each.argument is not None]
        if not self.style.normalize:
            old.sort(key=self._place)
        old += [Placed(each, each.keyword) for each in sorted(extra, key=lambda each: self.places[each])]
        if not self.style.normalize:
            old.sort(key=self._place)
        new = [each for each in keywords if each.argument is None]
        mapping = next(
            (i for i, each in enumerate(old) if each.argument is not None and each.argument.stars == "**"),
            len(old),
        )
        trailing = all(each.argument is not None and each.argument.stars == "**" for each in old[mapping:])
        at = mapping if trailing else len(old)
        yield from (*old[:at], *new, *old[at:])

    def _place(self, placed: Placed) -> int:
        return self.places[placed.argument] if placed.argument is not None else len(self.places)
