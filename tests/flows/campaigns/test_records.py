"""A campaign in the ledger: on SQLite and PostgreSQL, by several processes at once, from every older version."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.campaigns.records import CampaignStore
from overhaul.flows.campaigns.selection import Selected
from overhaul.flows.errors import LedgerError
from overhaul.flows.ledger import Ledger, Row
from overhaul.flows.ledger_versions.upgrade import NEWEST

Opener = Callable[[str], Ledger]


def campaign(**rollout: object) -> Campaign:
    return Campaign.model_validate(
        {"name": "a", "repositories": [{"path": "."}], "steps": [{"recipe": "r"}], "rollout": rollout}
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Open ledgers, which are closed in the end."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(closing(Ledger(url)))


def joined(ledger: Ledger, wanted: Campaign, count: int) -> CampaignStore:
    store = CampaignStore(ledger, "a")
    store.save(wanted, "/campaigns")
    store.join(wanted, [Selected(f"/{number}") for number in range(count)], {"/1": {"zero": "/0"}})
    return store


def test_tables_are_those_of_the_program(ledger_url: str, opened: Opener) -> None:
    ledger = opened(ledger_url)
    with ledger.session() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
    assert ScriptDirectory(str(Path(__file__).parents[3] / "flows" / "ledger_versions")).get_heads() == [
        NEWEST
    ]


def test_ledger_from_before_versions_keeps_its_rows(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "old.sqlite"
    opened(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as old, old:
        for table in (
            "alembic_version",
            "campaigns",
            "campaign_members",
            "webhook_deliveries",
            "failed_checks",
        ):
            old.execute(f"DROP TABLE {table}")
        old.execute(
            "INSERT INTO changesets (campaign, repository, branch, base_branch, base_commit, head_commit, run_id,"
            " forge, state, updated_at) VALUES ('c', 'r', 'b', 'main', 'x', 'y', 'z', 'local', 'open', '2026-01-01')"
        )
    ledger = opened(f"sqlite:///{path}")
    assert ledger.pushed_commits("b") == {"y"}
    assert joined(ledger, campaign(), 2).members()[1].needs == {"zero": "/0"}


def test_ledger_of_a_newer_program_is_refused(tmp_path: Path, opened: Opener) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    opened(url).close()
    with closing(sqlite3.connect(tmp_path / "new.sqlite")) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="made by a newer overhaul"):
        Ledger(url)


def test_unreachable_ledger_says_so_without_its_password() -> None:
    with pytest.raises(LedgerError) as raised:
        Ledger("postgresql://ada:secret@127.0.0.1:9/none")
    assert "OVERHAUL_LEDGER_URL" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_each_repository_is_begun_once_and_never_over_the_limit(ledger_url: str, opened: Opener) -> None:
    wanted = campaign(limits={"open_pull_requests": 12})
    store = joined(opened(ledger_url), wanted, 30)
    begun: list[int] = []

    def begin() -> None:
        own = CampaignStore(opened(ledger_url), "a")
        while (member := own.begin_next(wanted)[0]) is not None:
            begun.append(member.id)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(begun).most_common(1)[0][1] == 1
    assert len(begun) == 12
    assert Counter(each.state for each in store.members()) == {"running": 12, "selected": 18}


def test_what_is_not_selected_any_more_is_left_out_and_may_come_back(ledger_url: str, opened: Opener) -> None:
    wanted = campaign()
    store = joined(opened(ledger_url), wanted, 3)
    store.join(wanted, [Selected("/0"), Selected("/2", left_out="excluded by 2")], {})
    assert [(each.source, each.state) for each in store.members()] == [
        ("/0", "selected"), ("/1", "left out"), ("/2", "left out"),
    ]  # fmt: skip
    store.join(wanted, [Selected("/0"), Selected("/1"), Selected("/2")], {})
    assert {each.state for each in store.members()} == {"selected"}


def test_earlier_attempt_says_nothing_about_a_later_one(ledger_url: str, opened: Opener) -> None:
    wanted = campaign()
    store = joined(opened(ledger_url), wanted, 1)
    first, _ = store.begin_next(wanted)
    assert first is not None
    store.record(first, state="failed", message="no network")
    assert store.again({"failed"}) == 1
    second, _ = store.begin_next(wanted)
    assert second is not None
    store.record(first, state="published")
    assert store.members()[0].state == "running"
    store.record(second, state="published")
    assert store.members()[0].state == "published"
