"""A GitHub App: tokens of its installations, and what is done with them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from overhaul.flows.checkups import forge_checkups
from overhaul.flows.errors import PublishError, SettingsError
from overhaul.flows.forges import app as apps
from overhaul.flows.forges.accounts import account_of, app_at, git_environment
from overhaul.flows.forges.app import App
from overhaul.flows.forges.base import Selection
from overhaul.flows.forges.choose import forge_at, hosted_forge
from overhaul.flows.settings import Settings
from overhaul.flows.settings_file import ForgeForm, read_settings
from tests.flows.forges.front import Front
from tests.flows.forges.github_here import GitHubHere
from tests.flows.forges.places import Place


@pytest.fixture
def place(github_repository: Place) -> Place:
    return github_repository


@pytest.fixture
def settings(
    github: tuple[GitHubHere, Front], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Settings that name the App of the emulator."""
    here, front = github
    (tmp_path / "key.pem").write_text(here.app_key)
    made = Settings(tmp_path)
    monkeypatch.setenv("OVERHAUL_HOME", str(tmp_path))
    made.file.write_text(
        f'[forges."{front.host}"]\nkind = "github"\napi = "{front.url}"\napp_id = 77\n'
        f'private_key_file = "{tmp_path / "key.pem"}"\n'
    )
    yield made
    apps._installations.clear()
    apps._tokens.clear()


def app_of(settings: Settings) -> App:
    ((host, form),) = read_settings(settings).forges.items()
    return app_at(host, form)


def test_app_opens_a_pull_request_and_git_pushes_with_its_token(place: Place, settings: Settings) -> None:
    account = account_of(place.repository, settings)
    assert account is not None
    assert (account.token.startswith("ghs_"), account.token_from) == (True, "App 77")
    assert account.token not in repr(account)
    forge = hosted_forge(account, settings)
    assert forge.describe(place.repository).may_write
    made = forge.publish(place.draft())
    assert (made.state, made.notes) == ("open", ())
    assert forge.find(place.repository, made.branch) == made
    values = "".join(git_environment(place.repository, settings).values())
    login = base64.b64encode(f"x-access-token:{account.token}".encode()).decode()
    assert f"Authorization: Basic {login}" in values


def test_token_is_kept_until_it_is_about_to_expire(place: Place, settings: Settings) -> None:
    app, path = app_of(settings), place.repository.partition("//")[2].partition("/")[2]
    first = app.token(path)
    assert app.token(path) == first
    assert place.front is not None
    assert sum(each.path.endswith("/access_tokens") for each in place.front.requests) == 1
    assert app.token("octocat") == app.token(path) != first, "one token for an installation, the newest"
    assert app.token(path, datetime.now(UTC) + timedelta(minutes=50)) not in {first, ""}
    given = next(each for each in place.front.requests if each.path.endswith("/access_tokens")).json
    assert given == {
        "permissions": {
            "contents": "write", "pull_requests": "write", "metadata": "read", "issues": "write", "checks": "write",
        }
    }  # fmt: skip


def test_doctor_says_where_the_app_is_installed(place: Place, settings: Settings) -> None:
    del place
    (row,) = forge_checkups(settings, lambda *_: None)
    assert (row.status, row.detail) == ("ok", "App 77 (Overhaul here), installed for acme-inc, octocat")


def test_repositories_of_the_installation_are_listed(place: Place, settings: Settings) -> None:
    host = app_of(settings).host
    names = [each.name for each in forge_at(host, "octocat").repositories(Selection(owner="octocat"))]
    assert place.repository.partition(f"{host}/")[2] in names
    with pytest.raises(PublishError, match=r"App 77 .* name an owner"):
        forge_at(host)


def test_what_keeps_an_app_from_working_is_said(place: Place, settings: Settings, tmp_path: Path) -> None:
    del place
    app = app_of(settings)
    with pytest.raises(PublishError, match="App 77 is not installed for grace/none"):
        app.token("grace/none")
    with pytest.raises(PublishError, match=r"may not write contents at acme-inc.*accept it"):
        app.token("acme-inc")
    for content, why in (("no key", "no private key in PEM"), (None, "No such file")):
        (tmp_path / "other.pem").unlink(missing_ok=True)
        if content:
            (tmp_path / "other.pem").write_text(content)
        form = app.form.model_copy(update={"private_key_file": str(tmp_path / "other.pem")})
        with pytest.raises(PublishError, match=why):
            App(app.host, app.api, form).token("octocat")


def test_app_in_the_settings_is_whole(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    for lines, why in (
        ('kind = "github"\napp_id = 1', "app_id and private_key_file"),
        ('kind = "gitlab"\napp_id = 1\nprivate_key_file = "k"', "app_id is for GitHub"),
        ('kind = "forgejo"\nforks = true', "forks is for GitHub"),
    ):
        settings.file.write_text(f'[forges."x.example"]\n{lines}\n')
        with pytest.raises(SettingsError, match=why):
            read_settings(settings)
    assert app_at("github.com", ForgeForm(kind="github", app_id=1, private_key_file="k")).api == (
        "https://api.github.com"
    )
