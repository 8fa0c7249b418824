"""Which forge an address belongs to, with which token, and where that token goes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from overhaul.flows.checkups import forge_checkups
from overhaul.flows.errors import NotARepository, PublishError, SettingsError
from overhaul.flows.forges.accounts import account_of, git_environment, parse_address
from overhaul.flows.forges.choose import forge_at, forge_of, refuse_what_cannot_be_published
from overhaul.flows.mirror import Mirror
from overhaul.flows.settings import Settings
from tests.flows.forges.gitlab_here import TOKEN as GITLAB_TOKEN
from tests.flows.forges.gitlab_here import gitlab_here

FORGES = """
[forges."git.example.org"]
kind = "github"
[forges."forge.example.org:8443"]
kind = "github"
api = "https://forge.example.org:8443/api"
token_variable = "OTHER_TOKEN"
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OVERHAUL_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in (
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "GITLAB_TOKEN",
        "FORGEJO_TOKEN",
        "GITEA_TOKEN",
        "GIT_CONFIG_COUNT",
    ):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "settings.toml").write_text(FORGES)
    return Settings(tmp_path)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("https://github.com/acme/lib", ("https", "github.com", "acme/lib")),
        ("https://GitHub.com/acme/lib.git/", ("https", "github.com", "acme/lib")),
        ("https://git.example.org:8443/a/b/c.git", ("https", "git.example.org:8443", "a/b/c")),
        ("ssh://git@github.com:22/acme/lib.git", ("ssh", "github.com", "acme/lib")),
        ("git@github.com:acme/lib.git", ("ssh", "github.com", "acme/lib")),
    ],
)
def test_address_is_taken_apart(address: str, parts: tuple[str, str, str]) -> None:
    found = parse_address(address)
    assert found is not None
    assert (found.scheme, found.host, found.path) == parts


@pytest.mark.parametrize("path", ["/src/acme", "acme", "./acme", "file:///src/acme", "C:/acme", "https:///x"])
def test_path_is_no_address_of_a_forge(path: str) -> None:
    assert parse_address(path) is None or parse_address(path).host == "c"  # type: ignore[union-attr]


def test_token_goes_to_its_own_host_only(settings: Settings) -> None:
    variables = {"GH_TOKEN": "t1", "GH_ENTERPRISE_TOKEN": "t2", "OTHER_TOKEN": "t3"}
    found = {
        host: account_of(f"https://{host}/acme/lib", settings, variables)
        for host in ("github.com", "git.example.org", "forge.example.org:8443", "github.com.evil.example")
    }
    assert {host: account and (account.token, account.api) for host, account in found.items()} == {
        "github.com": ("t1", "https://api.github.com"),
        "git.example.org": ("t2", "https://git.example.org/api/v3"),
        "forge.example.org:8443": ("t3", "https://forge.example.org:8443/api"),
        "github.com.evil.example": None,
    }
    assert "t1" not in repr(found["github.com"])


def test_git_is_told_the_token_for_that_host_over_https_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "t1")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    login = base64.b64encode(b"x-access-token:t1").decode()
    assert git_environment("https://github.com/acme/lib", settings) == {
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_2": "http.https://github.com/.extraHeader",
        "GIT_CONFIG_VALUE_2": f"Authorization: Basic {login}",
    }
    for other in (
        "http://github.com/acme/lib", "git@github.com:acme/lib", "https://elsewhere.example.org/a/b", "/src/acme",
        "https://git.example.org/a/b",
    ):  # fmt: skip
        assert git_environment(other, settings) == {}, other


def test_forge_is_chosen_by_the_host(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "t1")
    for address, name in (("https://github.com/acme/lib", "github"), (str(tmp_path), "local")):
        with forge_of(address) as (forge, _):
            assert forge.name == name
    refuse_what_cannot_be_published(str(tmp_path))
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(PublishError, match="Set GITHUB_TOKEN"):
        refuse_what_cannot_be_published("https://github.com/acme/lib")
    with pytest.raises(PublishError, match=r"known: github.com, .*git.example.org"):
        forge_at("nowhere.example.org")


def test_doctor_has_a_line_for_each_forge_that_is_used(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gitlab_here() as (_, front):
        settings.file.write_text(
            f'[forges."{front.host}"]\nkind = "gitlab"\napi = "{front.url}"\ntoken_variable = "HERE"\n'
            '[forges."git.example.org"]\nkind = "github"\n'
        )
        monkeypatch.setenv("HERE", GITLAB_TOKEN)
        rows = {row.name: row for row in forge_checkups(settings, lambda *_: None)}
    assert set(rows) == {f"forge {front.host}", "forge git.example.org"}
    here_row, other = rows[f"forge {front.host}"], rows["forge git.example.org"]
    assert (here_row.status, here_row.detail) == ("ok", "octocat (rights: as the token was made); HERE")
    assert (other.status, "Set GH_ENTERPRISE_TOKEN" in other.advice) == ("unusable", True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[forges."x.example"]\nkind = "svn"', r"forges.x.example.kind: Input should be"),
        ('[forges."x.example"]\nkind = "github"\ntoken = "ghp_secret"', "keys stand in no file"),
        ('[forges."https://x.example"]\nkind = "github"', "should match pattern"),
        ('[forges."x.example"]\nkind = "github"\napi = "https://me:pw@x.example"', "should match pattern"),
    ],
)
def test_wrong_settings_are_named_without_secrets(settings: Settings, text: str, said: str) -> None:
    settings.file.write_text(text)
    with pytest.raises(SettingsError, match=said) as refused:
        account_of("https://x.example/a/b", settings)
    assert "secret" not in str(refused.value)
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("login", ["me:secret", ":secret", "ghp_" + "a" * 36])
def test_address_with_a_secret_is_refused_without_showing_it(login: str, tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match="holds a password or a token") as refused:
        Mirror.of(f"https://{login}@github.com/acme/lib", tmp_path)
    assert login not in str(refused.value)
    Mirror.of("https://me@git.example.org/acme/lib", tmp_path)
