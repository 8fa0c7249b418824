"""What a campaign may begin next, from where its repositories stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from overhaul.flows.campaigns.advancing import (
    Member,
    MemberState,
    Next,
    assign_waves,
    left_to_spend,
    what_next,
)
from overhaul.flows.campaigns.campaign_file import Campaign, Spending

NOW = datetime(2026, 11, 30, 12, 0)


def campaign(**rollout: Any) -> Campaign:
    return Campaign.model_validate(
        {"name": "a", "repositories": [{"path": "."}], "steps": [{"recipe": "r"}], "rollout": rollout}
    )


def members(*states: MemberState, wave: int = 1) -> list[Member]:
    return [
        Member(number, f"/{number}", wave=wave, position=number, state=state)
        for number, state in enumerate(states)
    ]


def began(then: Next) -> list[int]:
    return [each.id for each in then.begin]


def test_waves_take_numbers_parts_and_the_rest() -> None:
    waves = assign_waves(campaign(waves=[1, "20%", "rest"]), members(*["selected"] * 10, wave=0))
    assert [list(waves.values()).count(number) for number in (1, 2, 3)] == [1, 2, 7]


def test_waves_are_not_larger_than_what_there_is() -> None:
    waves = assign_waves(campaign(waves=[5, 5]), members(*["selected"] * 3, wave=0))
    assert set(waves.values()) == {1}


def test_left_out_repositories_are_in_no_wave_and_late_ones_in_the_last() -> None:
    there = [*members("merged", "left out"), replace(members("selected", wave=0)[0], id=9, position=9)]
    assert assign_waves(campaign(waves=[1, "rest"]), there) == {9: 2}


@pytest.mark.parametrize(
    ("first_wave", "begins"),
    [
        (["published", "published"], False),
        (["merged", "published"], False),
        (["merged", "merged"], True),
        (["merged", "unchanged"], True),
        (["merged", "failed"], True),
        (["merged", "closed"], True),
        (["failed", "failed"], False),
        (["waiting", "merged"], False),
    ],
)
def test_next_wave_begins_once_enough_of_the_one_before_is_merged(
    first_wave: list[MemberState], begins: bool
) -> None:
    second = replace(members("selected", wave=2)[0], id=50, position=50)
    then = what_next(
        campaign(waves=[2, "rest"], advance_when={"merged": "100%"}), [*members(*first_wave), second], NOW
    )
    assert bool(then.begin) == begins
    assert then.wave == (2 if begins else 1)
    assert bool(then.waits) != begins


def test_part_of_a_wave_is_rounded_up() -> None:
    states: list[MemberState] = ["merged"] * 7 + ["published"] * 3
    second = replace(members("selected", wave=2)[0], id=50)
    rule = campaign(waves=[10, "rest"], advance_when={"merged": "75%"})
    assert what_next(rule, [*members(*states), second], NOW).waits == (
        "wave 2 begins once 8 of 10 are merged; 7 are",
    )


def test_too_many_failures_halt_everything() -> None:
    rule = campaign(halt_when={"failed": "20%"})
    few = members("failed", *["published"] * 5, "selected")
    assert began(what_next(rule, few, NOW)) == [6]
    many = members("failed", "failed", *["published"] * 5, "selected")
    then = what_next(rule, many, NOW)
    assert (then.begin, then.halted) == ((), "2 of 7 repositories failed, which halts the campaign")


def chain(library: MemberState, *users: MemberState, wave: int = 1) -> list[Member]:
    """A library, and users of it."""
    first, *rest = members(library, *users)
    return [first, *(replace(each, needs={"acme": first.source}, wave=wave) for each in rest)]


def test_users_wait_for_their_library() -> None:
    assert began(what_next(campaign(users_wait_for="published"), chain("published", "selected"), NOW)) == [1]
    waiting = what_next(campaign(users_wait_for="merged"), chain("published", "selected"), NOW)
    assert waiting.begin == ()
    assert waiting.waits == ("1 wait until the libraries that they use are merged",)
    assert what_next(campaign(), chain("failed", "selected"), NOW).begin == ()


def test_library_is_held_until_its_users_were_tested_with_it() -> None:
    first = what_next(campaign(), chain("selected", "selected"), NOW)
    assert (began(first), first.hold) == ([0], {0})
    second = what_next(campaign(), chain("held", "selected", "selected"), NOW)
    assert (began(second), second.hold, second.release) == ([1, 2], {1, 2}, ())
    assert what_next(campaign(), chain("held", "held", "running"), NOW).release == ()
    tested = what_next(campaign(), chain("held", "held", "unchanged"), NOW)
    assert [each.id for each in tested.release] == [0]
    published = what_next(campaign(), chain("published", "held"), NOW)
    assert [each.id for each in published.release] == [1]
    assert what_next(campaign(users_wait_for="merged"), chain("published", "held"), NOW).release == ()


def test_library_stays_where_a_user_breaks_with_it() -> None:
    then = what_next(campaign(), chain("held", "held", "failed"), NOW)
    assert then.release == ()
    assert then.waits[0].startswith("/0 is held: 1 of its 2 users failed with it (2); mend and retry them")


def test_users_of_a_later_wave_are_tested_early_and_published_late() -> None:
    rules = campaign(waves=[1, "rest"], advance_when={"merged": "100%"})
    early = what_next(rules, chain("held", "selected", wave=2), NOW)
    assert (began(early), early.hold) == ([1], {1})
    assert what_next(rules, chain("published", "held", wave=2), NOW).release == ()
    assert [each.id for each in what_next(rules, chain("merged", "held", wave=2), NOW).release] == [1]


def test_what_is_held_does_not_count_as_open() -> None:
    rules = campaign(limits={"open_pull_requests": 1})
    assert began(what_next(rules, chain("held", "held", "selected"), NOW)) == [2]
    then = what_next(rules, chain("published", "held", "held"), NOW)
    assert then.release == ()
    assert then.waits == ("1 of 1 pull requests that may be open are, or are being made",)


def test_circle_of_dependencies_is_broken_at_the_first() -> None:
    first, second = chain("selected", "selected")
    circle = [replace(first, needs={"billing": second.source}), second]
    assert began(what_next(campaign(), circle, NOW)) == [0]


def test_open_pull_requests_have_a_limit_that_counts_what_is_in_hand() -> None:
    rule = campaign(limits={"open_pull_requests": 3})
    then = what_next(rule, members("published", "waiting", "merged", "selected", "selected"), NOW)
    assert began(then) == [3]
    assert then.waits == ("2 of 3 pull requests that may be open are, or are being made",)


def test_only_so_many_are_begun_in_an_hour() -> None:
    rule = campaign(limits={"per_hour": 2})
    ago = [NOW - timedelta(minutes=minutes) for minutes in (90, 50, 10)]
    there = [
        replace(each, begun_at=when)
        for each, when in zip(members("merged", "merged", "merged"), ago, strict=True)
    ]
    then = what_next(rule, [*there, *[replace(each, id=9) for each in members("selected")]], NOW)
    assert then.begin == ()
    assert then.waits == ("2 repositories an hour is the limit; the next one from 12:10 UTC",)


def test_campaign_is_done_when_no_site_is_left() -> None:
    done = [replace(each, sites_left=0) for each in members("merged", "unchanged", "closed", "left out")]
    assert what_next(campaign(), done, NOW).is_done
    left = [replace(done[0], sites_left=2), *done[1:]]
    assert not what_next(campaign(), left, NOW).is_done
    assert not what_next(campaign(), [*done, *members("failed")], NOW).is_done
    assert not what_next(campaign(), [replace(done[0], sites_left=None), *done[1:]], NOW).is_done
    assert not what_next(campaign(), members("left out"), NOW).is_done


def test_nothing_is_begun_once_the_tokens_are_used_up() -> None:
    wanted = campaign().model_copy(update={"budget": Spending(tokens=1000)})
    there = [replace(each, tokens=400) for each in members("merged", "failed")]
    assert left_to_spend(wanted, there) == (200, None)
    assert began(
        what_next(wanted, [*there, *[replace(each, id=9) for each in members("selected")]], NOW)
    ) == [9]
    spent = [*there, replace(members("selected")[0], id=9, tokens=200)]
    then = what_next(wanted, spent, NOW)
    assert (then.begin, then.waits) == ((), ("the campaign's 1,000 tokens are used up",))


@pytest.mark.parametrize(
    ("window", "timezone", "now", "opens"),
    [
        ("mon-fri 08:00-17:00", "UTC", "2026-11-30 12:00", None),
        ("mon-fri 08:00-17:00", "UTC", "2026-11-28 12:00", "Monday 08:00"),
        ("fri-mon 22:00-06:00", "UTC", "2026-12-01 05:59", None),
        ("fri-mon 22:00-06:00", "UTC", "2026-12-01 06:00", "Friday 22:00"),
        ("sun 22:00-24:00", "UTC", "2026-11-29 23:59", None),
        ("mon 08:00-17:00", "America/New_York", "2026-11-30 12:00", "Monday 08:00"),
        ("mon 08:00-17:00", "Europe/Berlin", "2026-11-30 07:30", None),
    ],
)  # fmt: skip
def test_windows_keep_repositories_back(window: str, timezone: str, now: str, opens: str | None) -> None:
    rules = campaign(windows=[window], timezone=timezone)
    then = what_next(rules, members("selected"), datetime.fromisoformat(now))
    assert bool(then.begin) == (opens is None)
    assert then.waits == (
        () if opens is None else (f"its windows are closed; one opens {opens} ({timezone})",)
    )


@pytest.mark.parametrize(
    "window", ["daily", "mon 8-17", "mon 08:00-25:00", "mon 08:60-09:00", "mox 08:00-09:00"]
)
def test_what_is_no_window_is_refused(window: str) -> None:
    with pytest.raises(ValueError, match="is no window"):
        campaign(windows=[window])
