"""Webhooks: who is let in over real HTTP, what is kept, and what is done about it."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.states import Failed, Pending
from sqlalchemy import update

from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.campaigns.records import CampaignStore
from overhaul.flows.campaigns.selection import Selected
from overhaul.flows.checkups import tool_checkups
from overhaul.flows.deployments import deploy_campaign
from overhaul.flows.errors import PublishError, SettingsError
from overhaul.flows.gates import Question, ask
from overhaul.flows.ledger import Changeset, DeliveryRecord, Ledger, now
from overhaul.flows.options import Gates, RunOptions
from overhaul.flows.runs import Request, create_run
from overhaul.flows.settings import Settings
from overhaul.flows.webhooks.application import LARGEST
from overhaul.flows.webhooks.carrying_out import Carrier
from overhaul.flows.webhooks.deliveries import Deliveries, Delivery
from overhaul.flows.webhooks.payloads import Event, is_known, read_payload
from overhaul.flows.webhooks.senders import Dialect, Doorkeeper, Secret, doorkeeper_of
from overhaul.flows.webhooks.serving import listen, server_of
from overhaul.flows.webhooks.worker import TRIES, Stopped, Worker
from tests.flows.forges.forgejo_here import TOKEN, ForgejoHere, forgejo_here
from tests.flows.forges.npm import WEBHOOKS, one_file

SECRET = "a secret of more than sixteen characters"
BRANCH = "overhaul/rename-1a2b3c4d"
DOORKEEPER = Doorkeeper(
    (Secret("", SECRET), Secret("git.example.org", "only for one of the hosts")),
    ("github.com/*", "gitlab.com/acme/*", "git.example.org/acme/lib"),
    {"github.com": "github", "gitlab.com": "gitlab", "git.example.org": "forgejo"},
)
COMMENT = {
    "action": "created", "issue": {"number": 3, "pull_request": {"url": "x"}},
    "comment": {"id": 7, "body": "@overhaul approve"}, "repository": {"html_url": "https://github.com/acme/lib"},
}  # fmt: skip
NOTE = {
    "object_kind": "note", "project": {"web_url": "https://gitlab.com/acme/tools/lib"}, "merge_request": {"iid": 3},
    "object_attributes": {"id": 7, "note": "@overhaul approve", "noteable_type": "MergeRequest", "action": "create"},
}  # fmt: skip


@dataclass
class Here:
    """The web server, and a worker that only notes what it is to do."""

    port: int
    deliveries: Deliveries
    ledger: Ledger

    def send(self, body: bytes, **headers: str) -> tuple[int, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("POST", "/", body, {"Content-Type": "application/json"} | named)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def deliver(self, event: str, payload: object, delivery: str = "1", secret: str = SECRET) -> int:
        """Send as GitHub does."""
        body = json.dumps(payload).encode()
        return self.send(body, X_GitHub_Event=event, X_GitHub_Delivery=delivery, **signed(body, secret))[0]

    def begun(self, *headers: str, signature: str = "sha256=0") -> bytes:
        """Send headers and a part of a body, and no more; return the answer as it comes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            lines = (
                "POST / HTTP/1.1",
                "Host: here",
                "X-GitHub-Event: push",
                f"X-Hub-Signature-256: {signature}",
                *headers,
            )
            connection.sendall("\r\n".join((*lines, "", '{"a":')).encode())
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X_Hub_Signature_256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


@contextmanager
def serving(folder: Path, **more: float) -> Iterator[Here]:
    with closing(Ledger(f"sqlite:///{folder / 'ledger.sqlite'}")) as ledger:
        deliveries = Deliveries(ledger)
        worker = Worker(deliveries, lambda _: "", threading.Event())
        server, listening = server_of(DOORKEEPER, worker, **more), listen("127.0.0.1", 0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Here(listening.getsockname()[1], deliveries, ledger)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with serving(tmp_path) as started:
        yield started


@pytest.mark.parametrize(
    ("payload", "headers", "signs"),
    [
        (COMMENT, {"X_GitHub_Event": "issue_comment", "X_GitHub_Delivery": "1"}, "X_Hub_Signature_256"),
        (NOTE, {"X_Gitlab_Event": "Note Hook", "X_Gitlab_Event_UUID": "1"}, "X_Gitlab_Token"),
        (
            COMMENT | {"repository": {"html_url": "https://git.example.org/acme/lib"}},
            {"X_Gitea_Event": "issue_comment", "X_Gitea_Delivery": "1", "X_GitHub_Event": "issue_comment"},
            "X_Gitea_Signature",
        ),
        (
            COMMENT | {"repository": {"html_url": "https://git.example.org/acme/lib"}},
            {"X_Forgejo_Event": "issue_comment", "X_Forgejo_Delivery": "1", "X_Gitea_Event": "issue_comment"},
            "X_Forgejo_Signature",
        ),
    ],
    ids=["github", "gitlab", "gitea", "forgejo"],
)  # fmt: skip
def test_only_who_knows_the_secret_is_heard(
    here: Here, payload: dict[str, Any], headers: dict[str, str], signs: str
) -> None:
    body = json.dumps(payload, indent=1).encode()
    proof = (
        SECRET
        if signs == "X_Gitlab_Token"
        else signed(body)["X_Hub_Signature_256"].removeprefix("" if "Hub" in signs else "sha256=")
    )
    assert here.send(body, **headers) == (401, b"")
    assert here.send(body, **headers, **{signs: ""}) == (401, b"")
    assert here.send(body, **headers, **{signs: proof[:-1] + ("0" if proof[-1] != "0" else "1")}) == (
        401,
        b"",
    )
    if signs != "X_Gitlab_Token":
        assert here.send(json.dumps(payload).encode(), **headers, **{signs: proof}) == (401, b""), (
            "the same JSON in other bytes was not signed"
        )
    assert here.deliveries.taken() == []
    assert here.send(body, **headers, **{signs: proof}) == (202, b"")
    assert [(each.event.kind, each.event.number, each.event.comment) for each in here.deliveries.taken()] == [
        ("comment", 3, 7)
    ]


def test_what_nobody_waits_for_and_who_may_not_send(here: Here) -> None:
    repository = {"repository": {"html_url": "https://git.example.org/acme/lib"}}
    assert here.deliver("ping", {"zen": "Keep it simple."}) == 204
    assert here.deliver("star", COMMENT) == 204
    assert here.deliver("issue_comment", COMMENT | {"action": "deleted"}) == 204
    assert (
        here.deliver("issue_comment", COMMENT | {"comment": {"id": 7, "body": "see @overhaul approve"}})
        == 204
    )
    assert here.deliver("issue_comment", COMMENT | {"issue": {"number": 3}}) == 204
    assert here.deliver("issue_comment", COMMENT | repository) == 403, "a forge of another kind stands there"
    assert here.deliver("issue_comment", COMMENT, secret="only for one of the hosts") == 403
    for address in ("https://gitlab.com/other/lib", "https://evil.example/acme/lib"):
        body = json.dumps(NOTE | {"project": {"web_url": address}}).encode()
        assert here.send(body, X_Gitlab_Event="Note Hook", X_Gitlab_Token=SECRET) == (403, b"")
    for nothing in ([], {}, {"repository": 1}, COMMENT | {"issue": {"number": -1, "pull_request": {}}}):
        assert here.deliver("issue_comment", nothing) == 400
    for text in (b"", b"\xff", b"[" * 100_000):
        assert here.send(text, X_GitHub_Event="push", **signed(text))[0] == 400
    form = b"payload=%7B%7D"
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    assert here.send(form, X_GitHub_Event="push", **signed(form), **kind)[0] == 415
    assert here.deliveries.taken() == []


def test_body_that_is_too_large_is_refused_before_it_is_there(here: Here) -> None:
    assert b" 413 " in here.begun(f"Content-Length: {LARGEST + 1}")
    assert b" 401 " in here.begun(f"Content-Length: {LARGEST}", signature="")


def test_body_without_a_length_is_refused_once_it_is_too_large(here: Here) -> None:
    with socket.create_connection(("127.0.0.1", here.port), timeout=60) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\nX-GitHub-Event: push\r\n"
            b"X-Hub-Signature-256: sha256=0\r\n\r\n"
        )
        part = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
        for _ in range(LARGEST >> 20):
            connection.sendall(part)
        connection.sendall(b"1\r\n \r\n")
        assert b" 413 " in connection.recv(1 << 16)


def test_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    with serving(tmp_path, body_seconds=0.2) as here:
        assert b" 408 " in here.begun("Content-Length: 100")
        assert here.deliver("ping", {}) == 204


def test_delivery_is_taken_once_for_a_month(here: Here) -> None:
    assert here.deliver("issue_comment", COMMENT, "1") == 202
    assert here.deliver("issue_comment", COMMENT, "1") == 200
    assert here.deliver("issue_comment", COMMENT, "2") == 200, "no signature covers the id"
    other = COMMENT | {"issue": {"number": 4, "pull_request": {"url": ""}}}
    assert here.deliver("issue_comment", other, "1") == 200
    (delivery,) = here.deliveries.taken()
    here.deliveries.note(delivery, "failed", "no network")
    assert here.deliver("issue_comment", COMMENT, "1") == 202, "one that failed may be sent again"
    (again,) = here.deliveries.taken()
    here.deliveries.note(again, "done", "")
    assert here.deliver("issue_comment", COMMENT, "1") == 200
    with here.ledger.session() as session:
        session.execute(update(DeliveryRecord).values(taken_at=now() - timedelta(days=31)))
    assert here.deliver("issue_comment", COMMENT, "1") == 202


def test_every_payload_that_github_publishes_is_understood(here: Here) -> None:
    examples = json.loads(one_file(WEBHOOKS, "api.github.com/index.json").read_text())
    answers: Counter[int] = Counter()
    kinds: Counter[str] = Counter()
    for event in examples:
        for number, payload in enumerate(event["examples"]):
            answers[here.deliver(event["name"], payload, f"{event['name']}-{number}")] += 1
            if is_known("github", event["name"]):
                read = read_payload("github", event["name"], json.dumps(payload).encode())
                kinds[read.event.kind if read.event else "nothing"] += 1
                assert read.event is None or read.event.path.count("/") == 1
    assert set(answers) <= {200, 202, 204}, answers
    assert (kinds["ended"], kinds["ready"], kinds["pushed"]) == (2, 3, 2), kinds


@pytest.mark.parametrize(
    ("dialect", "name", "payload", "wanted"),
    [
        ("gitlab", "Push Hook", {"ref": "refs/heads/main", "after": "a1" * 20}, ("pushed", 0, "main")),
        ("gitlab", "Push Hook", {"ref": "refs/heads/main", "after": "0" * 40}, None),
        ("gitlab", "Push Hook", {"ref": "refs/tags/main", "after": "a1" * 20}, None),
        ("gitlab", "Merge Request Hook", {"object_attributes": {"id": 1, "iid": 3, "action": "merge", "source_branch": "b"}}, ("ended", 3, "b")),
        ("gitlab", "Merge Request Hook", {"object_attributes": {"id": 1, "iid": 3, "action": "update"}, "changes": {"draft": {"previous": True, "current": False}}}, ("ready", 3, "")),
        ("gitlab", "Merge Request Hook", {"object_attributes": {"id": 1, "iid": 3, "action": "update"}, "changes": {"draft": {"previous": False, "current": True}}}, None),
        ("gitlab", "Merge Request Hook", {"object_attributes": {"id": 1, "iid": 3, "action": "update"}, "changes": {"updated_at": {}}}, None),
        ("gitlab", "Note Hook", NOTE | {"object_attributes": NOTE["object_attributes"] | {"noteable_type": "Commit"}}, None),  # type: ignore[operator]
        ("forgejo", "pull_request", {"action": "edited", "pull_request": {"number": 3, "title": "Rename", "head": {"ref": "b"}}, "changes": {"title": {"from": "WIP: Rename"}}}, ("ready", 3, "")),
        ("forgejo", "pull_request", {"action": "edited", "pull_request": {"number": 3, "title": "WIP: Name", "head": {"ref": "b"}}, "changes": {"title": {"from": "WIP: Rename"}}}, None),
        ("forgejo", "pull_request", {"action": "edited", "pull_request": {"number": 3, "title": "x", "head": {"ref": "b"}}, "changes": {"body": {"from": "WIP:"}}}, None),
        ("forgejo", "pull_request", {"action": "closed", "pull_request": {"number": 3, "title": "x", "head": {"ref": "b"}}}, ("ended", 3, "b")),
    ],
)  # fmt: skip
def test_payloads_of_other_forges(
    dialect: Dialect, name: str, payload: dict[str, Any], wanted: tuple[str, int, str] | None
) -> None:
    about = {
        "project": {"web_url": "https://h.example/a/b"},
        "repository": {"html_url": "https://h.example/a/b"},
    }
    event = read_payload(dialect, name, json.dumps(payload | about).encode()).event
    assert (event and (event.kind, event.number, event.branch)) == wanted


def test_nothing_is_served_without_a_secret_or_a_sender(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    known = {"OVERHAUL_WEBHOOK_SECRET": SECRET}
    with pytest.raises(SettingsError, match="allows no repository"):
        doorkeeper_of(settings, known)
    settings.file.write_text('[webhook]\nsenders = ["GitHub.com/Acme/*"]\n')
    with pytest.raises(SettingsError, match="OVERHAUL_WEBHOOK_SECRET"):
        doorkeeper_of(settings, {})
    with pytest.raises(SettingsError, match="openssl rand"):
        doorkeeper_of(settings, {"OVERHAUL_WEBHOOK_SECRET": "short"})
    (row,) = [each for each in tool_checkups(settings) if each.name == "webhook"]
    assert (row.status, "OVERHAUL_WEBHOOK_SECRET" in row.advice) == ("unusable", True)
    found = doorkeeper_of(settings, known)
    assert SECRET not in repr(found)
    assert found.admits("github", frozenset({""}), "github.com", "acme/LIB")
    assert not found.admits("github", frozenset({""}), "github.com", "other/lib")


def test_what_was_taken_is_done_by_the_next_process_and_not_given_up_at_once(tmp_path: Path) -> None:
    event = Event("pushed", "github.com", "acme/lib", branch="main")
    with closing(Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as ledger:
        deliveries = Deliveries(ledger)
        assert deliveries.take("github:1", "a", event)

        def killed(_: Delivery) -> str:
            raise Stopped

        def unlucky(_: Delivery) -> str:
            raise PublishError("no network")

        assert Worker(deliveries, killed, threading.Event()).do_what_is_taken()
        done: list[Event] = []
        following = Worker(deliveries, lambda each: done.append(each.event) or "done", threading.Event())
        assert not following.do_what_is_taken()
        assert not following.do_what_is_taken()
        assert done == [event]

        deliveries.take("github:2", "b", event)
        failing = Worker(deliveries, unlucky, threading.Event())
        assert [failing.do_what_is_taken() for _ in range(TRIES)] == [True] * (TRIES - 1) + [False]
        assert deliveries.taken() == []


FAILED = "c1" * 20


@pytest.mark.parametrize(
    ("dialect", "name", "payload", "is_failure"),
    [
        ("github", "check_run", {"action": "completed", "check_run": {"head_sha": FAILED, "conclusion": "failure"}}, True),
        ("github", "check_run", {"action": "completed", "check_run": {"head_sha": FAILED, "conclusion": "neutral"}}, False),
        ("github", "check_run", {"action": "created", "check_run": {"head_sha": FAILED, "conclusion": None}}, False),
        ("github", "check_suite", {"action": "completed", "check_suite": {"head_sha": FAILED, "conclusion": "timed_out"}}, True),
        ("github", "workflow_run", {"action": "completed", "workflow_run": {"head_sha": FAILED, "conclusion": "failure"}}, True),
        ("github", "status", {"sha": FAILED, "state": "error"}, True),
        ("forgejo", "status", {"sha": FAILED, "state": "failure"}, True),
        ("forgejo", "status", {"sha": FAILED, "state": "success"}, False),
        ("gitlab", "Pipeline Hook", {"object_attributes": {"id": 1, "sha": FAILED, "status": "failed"}}, True),
        ("gitlab", "Pipeline Hook", {"object_attributes": {"id": 1, "sha": FAILED, "status": "success"}}, False),
    ],
)  # fmt: skip
def test_failed_checks_are_known_by_their_commit(
    dialect: Dialect, name: str, payload: dict[str, Any], is_failure: bool
) -> None:
    about = {
        "project": {"web_url": "https://h.example/a/b"},
        "repository": {"html_url": "https://h.example/a/b"},
    }
    assert is_known(dialect, name)
    read = read_payload(dialect, name, json.dumps(payload | about).encode())
    assert read.event == (Event("failed", "h.example", "a/b", commit=FAILED) if is_failure else None)
    with pytest.raises(ValueError, match=r"head_sha|sha"):
        read_payload(dialect, name, json.dumps(payload | about).replace(FAILED, "--help").encode())


@dataclass
class World:
    """A Forgejo with a repository and our pull request, and what was begun."""

    forgejo: ForgejoHere
    carrier: Carrier
    host: str
    ledger: Ledger
    carried_on: list[str] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)

    @property
    def repository(self) -> str:
        return f"http://{self.host}/acme/lib"

    @property
    def ledger_repository(self) -> str:
        """The address as the run that made the change was given it."""
        return f"{self.repository.replace('acme', 'Acme')}.git"

    def happen(self, kind: str, **more: Any) -> str:
        """Carry an event out twice: it must not be done twice."""
        event = Event(kind, self.host, "acme/lib", **more)  # type: ignore[arg-type]
        delivery = Delivery(1, f"forgejo:{event}", event, 0)
        said = self.carrier.carry_out(delivery)
        self.carrier.carry_out(delivery)
        return said

    def say(self, author: str, body: str) -> str:
        said = self.forgejo.say("acme/lib", author, body)
        said["created_at"] = datetime.now(UTC).isoformat()
        return self.happen("comment", number=1, comment=said["id"])

    def replies(self) -> list[str]:
        return [
            each["body"].partition("\n")[2]
            for each in self.forgejo.kept["acme/lib"].comments
            if each["user"]["login"] == "octocat"
        ]

    def change(self, run_id: str) -> None:
        """Note in the ledger that a run has made the pull request; its address was written otherwise."""
        self.ledger.intend(
            Changeset(
                campaign="", repository=self.ledger_repository, branch=BRANCH,
                base_branch="main", base_commit="a" * 40, head_commit="b" * 40, pushed_commit="b" * 40, run_id=run_id,
                forge="forgejo", state="open", updated_at=now(),
            )
        )  # fmt: skip


@contextmanager
def world_at(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OVERHAUL_HOME", str(settings.home))
    monkeypatch.setenv("OVERHAUL_LEDGER_URL", f"sqlite:///{folder / 'ledger.sqlite'}")
    with forgejo_here() as (forgejo, front), closing(Ledger(settings.ledger_url)) as ledger:
        monkeypatch.setenv("TOKEN_HERE", TOKEN)
        settings.file.write_text(
            f'[forges."{front.host}"]\nkind = "forgejo"\napi = "{front.url}/api/v1"\ntoken_variable = "TOKEN_HERE"\n'
        )
        kept = forgejo.add("acme/lib", {"main": "a" * 40, BRANCH: "b" * 40})
        forgejo.kept["Acme/lib"] = kept
        given = {"head": BRANCH, "base": "main", "title": "Rename", "body": ""}
        forgejo._called("create", ["acme/lib"], given)
        world = World(forgejo, Carrier(settings, True, 0, print, print), front.host, ledger)
        carrier = Carrier(
            settings, True, 0, world.carried_on.append, lambda address, _: world.reviewed.append(address)
        )
        world.carrier = carrier
        yield world
        settings.file.unlink()


def test_draft_that_is_ready_is_reviewed_if_reviews_are_switched_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world_at(Settings(tmp_path), tmp_path, monkeypatch) as world:
        assert "review of" in world.happen("ready", number=1)
        assert set(world.reviewed) == {f"{world.repository}/pulls/1"}
        pull = world.forgejo.kept["acme/lib"].pulls[0]
        pull["head"] = pull["head"] | {"repo_id": 999}
        world.reviewed.clear()
        assert "no open pull request" in world.happen("ready", number=1), "a fork's branch of the same name"
        assert "no open pull request" in world.happen("ready", number=2)
        off = Carrier(Settings(tmp_path), False, 0, print, lambda address, _: world.reviewed.append(address))
        off.carry_out(Delivery(1, "", Event("ready", world.host, "acme/lib", 1), 0))
        assert world.reviewed == []


@flow(name="refactor-repository", persist_result=True, result_serializer="json")
def asking(repository: str) -> str:
    so_far = {"repository": repository, "branch": BRANCH, "edits": 1}
    return ask(Question("publish", repository, "## Publish?", "hash", so_far, rule={})).decision.value


def test_people_who_may_write_decide_and_merges_advance_campaigns(
    home: Settings, client: SyncPrefectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world_at(home, tmp_path, monkeypatch) as world:
        run = client.create_flow_run(asking, parameters={"repository": world.repository}, state=Pending())
        with pytest.raises(Pause):
            run_flow(asking, flow_run=run, parameters=run.parameters)
        assert world.say("grace", "@overhaul retry") == "no pull request of ours"
        world.change(str(run.id))
        world.say("mallory", "@overhaul close")
        assert world.carried_on == []
        assert client.read_flow_run(run.id).state.is_paused()  # type: ignore[union-attr]
        assert world.forgejo.kept["acme/lib"].pulls[0]["state"] == "open"
        assert [each.partition(" to ")[0] for each in world.replies()] == [
            "@mallory: only people with write access"
        ]
        assert world.say("grace", "@overhaul reject not yet") == "an answer was taken"
        assert set(world.carried_on) == {str(run.id)}
        assert world.replies()[1:] == ["@grace: reject is taken."]

        client.set_flow_run_state(run.id, Failed(message="no network"), force=True)
        world.carried_on.clear()
        assert world.say("grace", "@overhaul retry") == "the run goes on."
        assert world.carried_on == [str(run.id)]
        assert world.say("grace", "@overhaul close") == "closed"
        assert world.forgejo.kept["acme/lib"].pulls[0]["state"] == "closed"
        assert len(world.replies()) == 4, world.replies()

        campaign = Campaign.model_validate(
            {
                "name": "by-webhook",
                "repositories": [{"url": world.repository}],
                "steps": [{"recipe": "rename-symbol"}],
            }
        )
        store = CampaignStore(world.ledger, campaign.name)
        store.save(campaign, "/")
        store.join(campaign, [Selected(f"{world.repository}.git")], {})
        assert world.happen("pushed", branch="main") == "no deployed campaign waits for it"
        deployment = UUID(deploy_campaign(client, campaign, "/"))
        # The session's runner shall not begin what is only counted here.
        client.create_work_pool(WorkPoolCreate(name="nobodys", type="process"))
        client.update_deployment(deployment, DeploymentUpdate(work_pool_name="nobodys"))
        try:
            assert world.happen("pushed", branch=BRANCH) == "no base branch"
            assert world.happen("ended", number=9, branch="somebody/else") == "no pull request of ours"
            assert world.happen("pushed", branch="release") == "no deployed campaign waits for it"
            assert world.happen("ended", number=1, branch=BRANCH) == "goes on: by-webhook"
            of_it = DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
            assert len(client.read_flow_runs(deployment_filter=of_it)) == 1
        finally:
            client.delete_deployment(deployment)
            client.delete_work_pool("nobodys")


def test_failed_checks_are_noted_and_mended_a_few_times(
    home: Settings, client: SyncPrefectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world_at(home, tmp_path, monkeypatch) as world:
        options = RunOptions(campaign="by-checks", yes=True, gates=Gates(publish="auto"))
        made = create_run(Request(world.repository, "rename-symbol", {"old": "a.b", "new": "c"}, options))
        monkeypatch.setenv("OVERHAUL_MODEL", "scripted")

        def fail(commit: str, repairs: int) -> str:
            world.carrier = replace(world.carrier, repairs=repairs)
            return world.happen("failed", commit=commit)

        def set_status(commit: str, name: str, status: str = "failure") -> None:
            world.forgejo.set_status("acme/lib", commit, name, status, "token=ghp_" + "a" * 36)

        head = "b" * 40
        assert fail(head, 2) == "no commit that we have pushed"
        world.change(made)
        assert "no check fails there" in fail(head, 2)
        set_status(head, "lint")
        set_status("a" * 40, "lint")
        assert "no check fails there" in fail(head, 2), "it fails at the base, too"
        set_status(head, "tests")
        assert fail(head, 0) == "noted: tests; repairs are not switched on"
        monkeypatch.delenv("OVERHAUL_MODEL")
        assert fail(head, 2) == "noted: tests; no model is configured that could mend it"
        assert (world.carried_on, world.replies()) == ([], [])

        monkeypatch.setenv("OVERHAUL_MODEL", "scripted")
        assert "repair by run" in fail(head, 2)
        assert len(set(world.carried_on)) == 1
        repair = client.read_flow_run(UUID(world.carried_on[0]))
        given = repair.parameters["options"]
        assert (given["base"], given["continues"], given["campaign"], given["yes"]) == (
            BRANCH,
            True,
            "by-checks",
            False,
        )
        task = repair.parameters["parameters"]["task"]
        assert ("Check: tests" in task, "Check: lint" in task, "ghp_" in task) == (True, False, False)
        (reply,) = world.replies()
        assert "1 of 2" in reply
        (noted,) = world.ledger.failed_checks(world.ledger_repository, BRANCH)
        assert str(noted) == f"checks fail at {head[:12]}: tests; run {world.carried_on[0][:8]} mends them"

        pull = world.forgejo.kept["acme/lib"].pulls[0]
        for number, commit in enumerate(("d" * 40, "e" * 40)):
            assert fail(commit, 2) == "no commit that we have pushed"
            with world.ledger.session() as session:
                session.execute(update(Changeset).values(pushed_commit=commit))
            assert fail(commit, 2) == "the branch has gone on since"
            pull["head"] = pull["head"] | {"sha": commit}
            set_status(commit, "tests")
            assert ("repair by run" in fail(commit, 2), "it was mended 2 times" in fail(commit, 2)) == (
                number == 0, number == 1,
            )  # fmt: skip
        pull["state"] = "closed"
        assert fail("e" * 40, 10) == "its pull request is not open"
        assert len(set(world.carried_on)) == 2
