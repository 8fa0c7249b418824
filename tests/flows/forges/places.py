"""Each forge with one repository in it, as the contract's tests have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from overhaul.flows.forges.accounts import Account
from overhaul.flows.forges.base import Forge, PullRequestDraft
from overhaul.flows.forges.calls import Pace
from overhaul.flows.forges.choose import client_of
from overhaul.flows.forges.hosted import Hosted
from overhaul.flows.forges.local import LocalForge
from overhaul.flows.ledger import Ledger
from overhaul.flows.mirror import Mirror
from tests.flows.forges.forgejo_here import TOKEN as FORGEJO_TOKEN
from tests.flows.forges.forgejo_here import ForgejoHere
from tests.flows.forges.front import Front
from tests.flows.forges.github_here import TOKEN, GitHubHere
from tests.flows.forges.gitlab_here import TOKEN as GITLAB_TOKEN
from tests.flows.forges.gitlab_here import GitLabHere
from tests.flows.repositories import git, make_repository

BRANCH = "overhaul/rename-1a2b3c4d"
# Nothing is waited for: not between writes, and the rest is noted.
Waits = list[float]


@dataclass
class Place:
    """A forge and a repository of ours on it. `say` comments as a person: `grace` may write, `mallory` may not.

    `protect` requires a check of what is merged, `set_status` sets one of the head. The others are how requests end that make a pull request, turn a draft, comment, and comment on lines.
    """

    forge: Forge
    repository: str
    head: str
    say: Callable[[str, str], None]
    waits: Waits
    front: Front | None = None
    listing: str = ""
    turning: tuple[str, str] = ("", "")
    commenting: str = ""
    commenting_on_lines: str = ""
    protect: Callable[[], object] = lambda: None
    merges_itself: Callable[[], bool] = lambda: False
    set_status: Callable[[str, str, str], object] = lambda name, state, said: None

    def draft(
        self, *, is_draft: bool = False, title: str = "Rename", body: str = "Proved."
    ) -> PullRequestDraft:
        return PullRequestDraft(
            self.repository, BRANCH, "main", self.head, title, body, f"<p>{title}</p>", is_draft
        )


def pace(waits: Waits, **more: float) -> Pace:
    return Pace(between_writes=0, sleep=waits.append, clock=lambda: 1_000_000.0, **more)  # type: ignore[arg-type]


def hosted(account: Account, pace: Pace) -> Hosted:
    return Hosted(client_of(account, pace.answer_within), account.host, pace)


@contextmanager
def local_place(folder: Path) -> Iterator[Place]:
    source = make_repository(folder / "source", {"a.py": "a = 1\n"})
    git(source, "checkout", "--quiet", "-b", BRANCH)
    git(source, "commit", "--quiet", "--allow-empty", "-m", "change")
    head = git(source, "rev-parse", "HEAD")
    git(source, "checkout", "--quiet", "main")
    ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite'}")
    mirror = Mirror.of(str(source), folder / "mirrors")
    mirror.fetch(None)
    forge = LocalForge(ledger, folder / "pages", mirror)

    def say(author: str, body: str) -> None:
        forge.comment(str(source), BRANCH, author, body, author == "grace")

    yield Place(forge, str(source), head, say, [])
    ledger.close()


@contextmanager
def github_place(here: GitHubHere, front: Front, name: str) -> Iterator[Place]:
    here.as_person("octocat", "POST", "/user/repos", name=name, auto_init=True)
    path = f"/repos/octocat/{name}"
    here.as_person("octocat", "PUT", f"{path}/collaborators/grace", permission="push")
    main = here.as_person("octocat", "GET", f"{path}/git/ref/heads/main")["object"]["sha"]
    here.as_person("octocat", "POST", f"{path}/git/refs", ref=f"refs/heads/{BRANCH}", sha=main)
    waits: Waits = []
    account = Account(front.host, "github", front.url, TOKEN, "GITHUB_TOKEN")
    forge = hosted(account, pace(waits))
    repository = f"{front.url}/octocat/{name}"

    def say(author: str, body: str) -> None:
        pull = forge.find(repository, BRANCH)
        assert pull is not None
        here.as_person(author, "POST", f"{path}/issues/{pull.number}/comments", body=body)

    here.faults.clear()
    front.requests.clear()
    front.faults.clear()
    yield Place(
        forge, repository, main, say, waits, front,
        listing="/pulls", turning=("POST", "/graphql"), commenting="/issues/1/comments",
        commenting_on_lines="/pulls/1/comments", protect=lambda: here.protect(f"octocat/{name}"),
        merges_itself=lambda: any(here.repository_of(node) == f"octocat/{name}" for node in here.merging),
        set_status=lambda name, state, said: here.set_status(path, main, name, state, said),
    )  # fmt: skip
    assert here.faults == [], here.faults
    assert front.faults == [], "a fault that no request met"


@contextmanager
def gitlab_place(here: GitLabHere, front: Front, name: str) -> Iterator[Place]:
    path = f"octocat/tools/{name}"
    here.add(path, {"main": "a" * 40, BRANCH: "b" * 40})
    waits: Waits = []
    account = Account(front.host, "gitlab", front.url, GITLAB_TOKEN, "GITLAB_TOKEN")
    forge = hosted(account, pace(waits))
    repository = f"{front.url}/{path}"
    front.requests.clear()
    front.faults.clear()
    requests = f"/projects/{path.replace('/', '%2F')}/merge_requests"
    yield Place(
        forge, repository, "b" * 40, lambda author, body: here.say(path, 1, author, body) and None, waits, front,
        listing="/merge_requests", turning=("PUT", f"{requests}/1"), commenting="/1/notes",
        commenting_on_lines="/1/discussions",
        protect=lambda: here.projects[path].data.update(only_allow_merge_if_pipeline_succeeds=True),
        merges_itself=lambda: here.projects[path].requests[0]["merge_when_pipeline_succeeds"],
        set_status=lambda name, state, said: here.set_status(
            path, "b" * 40, name, {"failure": "failed"}.get(state, state), said
        ),
    )  # fmt: skip
    assert front.faults == [], "a fault that no request met"


@contextmanager
def forgejo_place(here: ForgejoHere, front: Front, name: str) -> Iterator[Place]:
    path = f"octocat/{name}"
    here.add(path, {"main": "a" * 40, BRANCH: "b" * 40})
    waits: Waits = []
    account = Account(front.host, "forgejo", f"{front.url}/api/v1", FORGEJO_TOKEN, "FORGEJO_TOKEN")
    forge = hosted(account, pace(waits))
    front.requests.clear()
    front.faults.clear()
    yield Place(
        forge, f"{front.url}/{path}", "b" * 40, lambda author, body: here.say(path, author, body) and None, waits, front,
        listing="/pulls", turning=("PATCH", "/pulls/1"), commenting="/issues/1/comments",
        commenting_on_lines="/pulls/1/reviews", protect=lambda: here.kept[path].required.append("tests"),
        merges_itself=lambda: bool(here.kept[path].scheduled),
        set_status=lambda name, state, said: here.set_status(path, "b" * 40, name, state, said),
    )  # fmt: skip
    assert front.faults == [], "a fault that no request met"
