"""What a campaign may do next. Pure: the form and where each repository stands in, what to begin and why not out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from overhaul.flows.campaigns.campaign_file import Campaign, Share
from overhaul.flows.campaigns.windows import opens_at

MemberState = Literal[
    "selected",  # nothing was done yet
    "running",
    "waiting",  # at a gate
    "held",  # tested; it is published once those that it uses, or that use it, are as far as they must be
    "published",  # its pull request is open
    "merged",
    "unchanged",  # nothing to change, or nothing any more
    "planned",  # read-only mode
    "rejected",  # at a gate
    "closed",  # somebody closed its pull request
    "failed",  # its message says what to do
    "left out",  # excluded, archived, read-only, gone
]
IN_HAND = frozenset({"running", "waiting", "published"})
DECIDED_AGAINST = frozenset({"rejected", "closed"})
OVER = frozenset({"merged", "unchanged", "planned"}) | DECIDED_AGAINST


@dataclass(frozen=True, slots=True)
class Member:
    """A repository of a campaign, a branch of it, or what certain owners have in it, and where it stands.

    `part` are those owners (see `parts`), empty for all. `wave` counts from 1, 0 is none yet. `needs` maps
    distributions to the sources that provide them. `sites_left` is what the recipe found when it was last run on the
    base branch, at commit `scanned`; None where it was not. `run_id` is its last run, `made_by` the last one that
    proposed a change. `tokens` and `dollars` are those of all its runs. Times are in UTC, without a zone.
    """

    id: int
    source: str
    base: str = ""
    wave: int = 0
    position: int = 0
    needs: Mapping[str, str] = field(default_factory=dict)
    state: MemberState = "selected"
    message: str = ""
    run_id: str = ""
    made_by: str = ""
    attempts: int = 0
    begun_at: datetime | None = None
    sites_left: int | None = None
    scanned: str = ""
    tokens: int = 0
    dollars: float = 0.0
    part: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """What may be done now, in order, and in words why no more; `halted` says why nothing is done at all.

    `release` are tested and may be published. Those of `begin` with an id in `hold` are to wait once they are tested.
    """

    begin: tuple[Member, ...] = ()
    wave: int = 1
    halted: str = ""
    waits: tuple[str, ...] = ()
    is_done: bool = False
    release: tuple[Member, ...] = ()
    hold: frozenset[int] = frozenset()


def assign_waves(campaign: Campaign, members: Sequence[Member]) -> dict[int, int]:
    """The wave of each member that has none, by its id: in the order of their positions.

    Those that join once waves are there go into the last one.
    """
    taking_part = sorted(
        (each for each in members if each.state != "left out"), key=lambda each: each.position
    )
    waves = campaign.rollout.waves
    new = [each for each in taking_part if not each.wave]
    if len(new) < len(taking_part):
        return {each.id: len(waves) for each in new}
    given: dict[int, int] = {}
    for number, share in enumerate(waves, 1):
        for each in new[len(given) :][: share.of(len(new))]:
            given[each.id] = number
    return given


def what_next(campaign: Campaign, members: Sequence[Member], now: datetime) -> Next:
    """What the campaign may do at this moment."""
    taking_part = [each for each in members if each.state != "left out"]
    wave, waits = _current_wave(campaign, taking_part)
    if halted := _halted(campaign, taking_part):
        return Next(wave=wave, halted=halted, waits=waits)
    order = Dependencies.of(campaign, taking_part)
    ready, release, later = [], [], 0
    for each in sorted(taking_part, key=lambda each: (each.wave, each.position)):
        if each.state == "held" and each.wave <= wave and order.may_publish(each):
            release.append(each)
        elif each.state == "selected" and order.may_be_tested(each, each.wave <= wave):
            ready.append(each)
        elif each.state == "selected" and each.wave <= wave:
            later += 1
    if later:
        waits = (*waits, f"{later} wait until the libraries that they use are {order.far}")
    hold = frozenset(each.id for each in ready if each.wave > wave or not order.may_publish(each))
    (release, ready), limits = _within_limits(campaign, taking_part, (release, ready, hold), now)
    opening = opens_at(campaign.rollout.windows, campaign.rollout.timezone, now)
    if opening and (ready or release):
        ready, release = [], []
        limits = (
            *limits,
            f"its windows are closed; one opens {opening:%A %H:%M} ({campaign.rollout.timezone})",
        )
    if ready and (spent := _overspent(campaign, members)):
        ready, limits = [], (*limits, spent)
    waits = (*waits, *order.why_held(taking_part), *limits)
    return Next(tuple(ready), wave, "", waits, _is_done(campaign, taking_part), tuple(release), hold)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Who uses whom: a library is published once its users were tested beside it, they once it is `far` enough."""

    by_source: Mapping[str, Sequence[Member]]
    users: Mapping[str, Sequence[Member]]
    far: str

    @classmethod
    def of(cls, campaign: Campaign, members: Sequence[Member]) -> Dependencies:
        by_source: dict[str, list[Member]] = {}
        for each in members:
            by_source.setdefault(each.source, []).append(each)
        users: dict[str, list[Member]] = {}
        for each in members:
            for source in set(each.needs.values()) & by_source.keys():
                # In a circle the one that comes first is the library.
                if by_source[source][0].position < each.position:
                    users.setdefault(source, []).append(each)
        return cls(by_source, users, campaign.rollout.users_wait_for)

    def may_be_tested(self, member: Member, is_in_wave: bool) -> bool:
        """Whether its libraries are there to be tested with: published, or held until their users are tested."""
        libraries = self._libraries(member)
        far = all(self._is_far_enough(each) for each in libraries)
        held = any(each.state == "held" for each in libraries)
        return (is_in_wave and far) or (
            held and all(each.state == "held" or self._is_far_enough(each) for each in libraries)
        )

    def may_publish(self, member: Member) -> bool:
        """Whether its libraries are far enough, and its users were tested with it."""
        return all(self._is_far_enough(each) for each in self._libraries(member)) and not self._untested(
            member
        )

    def why_held(self, members: Sequence[Member]) -> tuple[str, ...]:
        """In words, which users break with a library that is held."""
        said = []
        for each in members:
            broken = [user for user in self._untested(each) if user.state == "failed"]
            if each.state == "held" and broken:
                names = ", ".join(user.source.rstrip("/").rsplit("/", 1)[-1] for user in broken[:5])
                said.append(
                    f"{each.source} is held: {len(broken)} of its {len(self.users[each.source])} users failed with it"
                    f" ({names}); mend and retry them, or publish it all the same: overhaul approve {each.run_id[:8]}"
                )
        return tuple(said)

    def _untested(self, member: Member) -> list[Member]:
        untested = {"selected", "running", "waiting", "failed"}
        return [each for each in self.users.get(member.source, ()) if each.state in untested]

    def _libraries(self, member: Member) -> list[Member]:
        sources = set(member.needs.values()) & self.by_source.keys()
        return [
            each for source in sources for each in self.by_source[source] if each.position < member.position
        ]

    def _is_far_enough(self, library: Member) -> bool:
        return library.state in OVER or (library.state == "published" and self.far == "published")


def counts(members: Sequence[Member]) -> dict[str, int]:
    """How many stand where."""
    found: dict[str, int] = {}
    for each in members:
        found[each.state] = found.get(each.state, 0) + 1
    return found


def _current_wave(campaign: Campaign, members: Sequence[Member]) -> tuple[int, tuple[str, ...]]:
    """The number of the wave that is open, and what the next one waits for."""
    last = max((each.wave for each in members), default=1)
    for number in range(1, last):
        reached, wanted, total, word = _progress(campaign, [each for each in members if each.wave == number])
        if total and reached < wanted:
            return number, (f"wave {number + 1} begins once {wanted} of {total} are {word}; {reached} are",)
        if not total and any(each.wave == number for each in members):
            return number, (f"wave {number + 1} does not begin: nothing of wave {number} went well",)
    return last, ()


def _progress(campaign: Campaign, wave: Sequence[Member]) -> tuple[int, int, int, str]:
    """How many of a wave are as far as the next one wants them, how many must be, of how many, and how far that is."""
    rule = campaign.rollout.advance_when
    counted = [each for each in wave if each.state != "failed" and each.state not in DECIDED_AGAINST]
    far: set[str] = {"merged", "unchanged", "planned"}
    share = rule.merged or rule.published or Share(percent=100.0)
    if rule.merged is None:
        far.add("published")
    reached = sum(each.state in far for each in counted)
    return reached, share.of(len(counted)), len(counted), "merged" if rule.merged else "published"


def _halted(campaign: Campaign, members: Sequence[Member]) -> str:
    rule = campaign.rollout.halt_when
    begun = [each for each in members if each.state != "selected"]
    failed = sum(each.state == "failed" for each in begun)
    if rule is None or not failed or failed < rule.failed.of(len(begun)):
        return ""
    return f"{failed} of {len(begun)} repositories failed, which halts the campaign"


def _within_limits(
    campaign: Campaign,
    members: Sequence[Member],
    wanted: tuple[list[Member], list[Member], frozenset[int]],
    now: datetime,
) -> tuple[tuple[list[Member], list[Member]], tuple[str, ...]]:
    """What may be released and begun of what could be, and which limits keep the rest back."""
    release, ready, hold = wanted
    limits = campaign.rollout.limits
    said = []
    if limits.open_pull_requests is not None:
        in_hand = sum(each.state in IN_HAND for each in members)
        free = max(0, limits.open_pull_requests - in_hand)
        opening = [each for each in (*release, *ready) if each.id not in hold]
        if free < len(opening):
            allowed = {each.id for each in opening[:free]} | hold
            release = [each for each in release if each.id in allowed]
            ready = [each for each in ready if each.id in allowed]
            said.append(
                f"{in_hand} of {limits.open_pull_requests} pull requests that may be open are, or are being made"
            )
    if limits.per_hour is not None:
        recent = sorted(
            each.begun_at for each in members if each.begun_at and now - each.begun_at < timedelta(hours=1)
        )
        free = max(0, limits.per_hour - len(recent))
        if free < len(ready):
            ready = ready[:free]
            again = (
                recent[len(recent) - limits.per_hour] + timedelta(hours=1) if recent and not free else None
            )
            when = f"; the next one from {again:%H:%M} UTC" if again else ""
            said.append(f"{limits.per_hour} repositories an hour is the limit{when}")
    return (release, ready), tuple(said)


def left_to_spend(campaign: Campaign, members: Sequence[Member]) -> tuple[int | None, float | None]:
    """The tokens and dollars that models may still use; None where there is no limit."""
    budget = campaign.budget
    tokens, dollars = sum(each.tokens for each in members), sum(each.dollars for each in members)
    return (
        None if budget.tokens is None else max(0, budget.tokens - tokens),
        None if budget.dollars is None else max(0.0, budget.dollars - dollars),
    )


def _overspent(campaign: Campaign, members: Sequence[Member]) -> str:
    tokens, dollars = left_to_spend(campaign, members)
    if tokens == 0:
        return f"the campaign's {campaign.budget.tokens:,} tokens are used up"
    return f"the campaign's {campaign.budget.dollars:g} dollars are used up" if dollars == 0 else ""


def _is_done(campaign: Campaign, members: Sequence[Member]) -> bool:
    """Whether nothing is left: all decided, and no more sites than the campaign is content with.

    Where it is not known what is left, nothing is done; nor is a campaign about nothing.
    """
    left = [each.sites_left for each in members if each.state not in DECIDED_AGAINST]
    if not members or None in left or any(each.state not in OVER for each in members):
        return False
    return sum(sites or 0 for sites in left) <= campaign.done_when.sites


def members_by_wave(members: Sequence[Member]) -> Mapping[int, list[Member]]:
    """The members of each wave, in their order."""
    waves: dict[int, list[Member]] = {}
    for each in sorted(members, key=lambda each: (each.wave, each.position)):
        if each.wave:
            waves.setdefault(each.wave, []).append(each)
    return waves
