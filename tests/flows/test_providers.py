"""Who answers, by environment, settings file and keyring; what is found out once; where the key goes."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from overhaul.flows.checkups import Checkup, model_checkups
from overhaul.flows.errors import NoModel, OverhaulError, SettingsError
from overhaul.flows.providers import choose, has_model, known_manner, model_of
from overhaul.flows.settings import Settings
from overhaul.refactors.agent.probing import QUESTION, Manner
from overhaul.refactors.errors import NoAccess
from tests.refactors.agent.model_server import Refuse, Say, serving

KEY = "sk-not-to-be-seen-0123456789"
CALL = Say("", (("report", '{"word": "ok"}'),))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home without settings, and no variable that says anything."""
    for name in (
        "OVERHAUL_MODEL", "OVERHAUL_WIRE", "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_API_VERSION",
        "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return Settings(tmp_path)


class MemoryKeyring(KeyringBackend):
    """A keyring that ends with the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[MemoryKeyring]:
    before, own = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


def test_how_to_speak_is_found_out_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(CALL, Say("hello"), Say("again")) as server:
        server.only = "chat"
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url + "/")
        monkeypatch.setenv("OVERHAUL_MODEL", "scripted")
        assert [model_of(settings).ask(QUESTION).text for _ in range(2)] == ["hello", "again"]
        monkeypatch.setenv("OVERHAUL_MODEL", "another")
        assert known_manner(settings, choose(settings)) is None


def test_environment_comes_before_the_settings(settings: Settings) -> None:
    settings.file.write_text(
        '[model]\nname = "small"\nbase_url = "http://localhost:11434/v1"\nwire = "chat"\n'
    )
    assert has_model(settings)
    choice = choose(settings, {})
    assert (choice.name, choice.provider.base_url, choice.wire) == (
        "small",
        "http://localhost:11434/v1",
        "chat",
    )
    assert known_manner(settings, choice) == Manner("chat")
    said = {
        "OVERHAUL_MODEL": "big",
        "OPENAI_BASE_URL": "https://llm.example/v1",
        "OVERHAUL_WIRE": "responses",
    }
    choice = choose(settings, said)
    assert (choice.name, choice.provider.base_url, choice.wire) == (
        "big",
        "https://llm.example/v1",
        "responses",
    )


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "no model is configured. Set OVERHAUL_MODEL"),
        ({"OVERHAUL_MODEL": "m"}, "no key for https://api.openai.com/v1. Set OPENAI_API_KEY"),
        ({"OVERHAUL_MODEL": "m", "OVERHAUL_WIRE": "x"}, "'x'; it takes responses or chat"),
        ({"OVERHAUL_MODEL": "m", "OPENAI_BASE_URL": "localhost:1"}, "no address of the web"),
        ({"OVERHAUL_MODEL": "m", "OPENAI_BASE_URL": f"http://me:{KEY}@host/v1"}, "holds a user, password"),
        ({"OVERHAUL_MODEL": "m", "AZURE_OPENAI_ENDPOINT": "https://x.example"}, "needs OPENAI_API_VERSION"),
        (
            {"OVERHAUL_MODEL": "m", "AZURE_OPENAI_ENDPOINT": "https://x.example", "OPENAI_API_VERSION": "1"},
            "Set AZURE_OPENAI_API_KEY",
        ),
        (
            {
                "OVERHAUL_MODEL": "m",
                "AZURE_OPENAI_ENDPOINT": "https://x.example",
                "OPENAI_BASE_URL": "http://y",
            },
            "both set",
        ),
    ],
)
def test_what_is_missing_is_said(settings: Settings, variables: dict[str, str], words: str) -> None:
    with pytest.raises((NoModel, SettingsError)) as caught:
        choose(settings, variables)
    assert words in str(caught.value)
    assert KEY not in str(caught.value)


def test_server_of_ones_own_needs_no_key(settings: Settings) -> None:
    choice = choose(settings, {"OVERHAUL_MODEL": "m", "OPENAI_BASE_URL": "http://localhost:11434/v1"})
    assert choice.key_from == "no key"


def test_key_of_the_keyring_is_for_its_address_only(settings: Settings, own_keyring: MemoryKeyring) -> None:
    own_keyring.set_password("overhaul", "https://kept.example/v1", KEY)
    choice = choose(settings, {"OVERHAUL_MODEL": "m", "OPENAI_BASE_URL": "https://kept.example/v1"})
    assert (choice.provider.key, choice.key_from) == (KEY, "keyring")
    other = choose(settings, {"OVERHAUL_MODEL": "m", "OPENAI_BASE_URL": "https://other.example/v1"})
    assert other.key_from == "no key"


@pytest.mark.parametrize(
    ("variable", "header", "value"),
    [("AZURE_OPENAI_API_KEY", "api-key", KEY), ("AZURE_OPENAI_AD_TOKEN", "authorization", f"Bearer {KEY}")],
)
def test_azure_is_spoken_to_as_its_sdk_does(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, variable: str, header: str, value: str
) -> None:
    with serving(CALL, Say("hello")) as server:
        server.only = "chat"
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.base_url.removesuffix("/v1"))
        monkeypatch.setenv("OPENAI_API_VERSION", "2026-05-01")
        monkeypatch.setenv("OVERHAUL_MODEL", "deployed")
        monkeypatch.setenv(variable, KEY)
        model_of(settings).ask(QUESTION)
        path, _ = server.requests[-1]
        assert path == "/openai/deployments/deployed/chat/completions?api-version=2026-05-01"
        assert server.headers[-1][header] == value


def test_key_is_seen_nowhere_though_the_server_quotes_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERHAUL_MODEL", "scripted")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    refused = Refuse(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}})
    quoted = Say(f"your key is {KEY}", (("shell", f'{{"command": "echo {KEY}"}}'),))
    with serving(CALL, quoted, refused) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        model = model_of(settings)
        turn = model.ask(QUESTION)
        with pytest.raises(NoAccess, match=r"provided: \[key\]") as caught:
            model.ask(QUESTION)
    seen = [repr(turn), repr(choose(settings)), *traceback.format_exception(caught.value)]
    seen += [path.read_text() for path in settings.home.rglob("*") if path.is_file()]
    assert KEY not in "".join(seen)
    assert turn.text == "your key is [key]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[model]\nnane = "x"', "model.nane is unknown. Did you mean 'name'? Known: name, base_url, wire"),
        ('[modle]\nname = "x"', "modle is unknown. Did you mean 'model'?"),
        (f'[model]\napi_key = "{KEY}"', "keys stand in no file. Set OPENAI_API_KEY"),
        (f'[model]\nwire = "{KEY}"', "model.wire: Input should be 'responses' or 'chat'."),
        (
            '[prices."m"]\ninput = -1\noutput = 2',
            "prices.m.input: Input should be greater than or equal to 0.",
        ),
        (f"[model]\n{KEY}", "cannot be read"),
    ],
)
def test_fault_of_the_settings_is_named(settings: Settings, text: str, words: str) -> None:
    settings.file.write_text(text)
    with pytest.raises(OverhaulError) as caught:
        choose(settings, {})
    assert words in str(caught.value)
    assert str(settings.file) in str(caught.value)
    assert KEY not in str(caught.value)


def model_rows(settings: Settings) -> dict[str, Checkup]:
    return {row.name: row for row in model_checkups(settings, lambda *_: None)}


def test_doctor_says_how_the_model_is_spoken_to_and_what_it_costs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert model_rows(settings)["model"].status == "missing"
    with serving(CALL, Say("tools? what tools?"), Say("no")) as server:
        server.only = "chat"
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OVERHAUL_MODEL", "gpt-5.4-mini")
        rows = model_rows(settings)
        assert rows["model"].status == "ok"
        assert rows["model"].detail.endswith("(OPENAI_API_KEY): chat completions; calls tools")
        assert rows["price"].detail == "$0.75 in, $0.075 cached, $4.5 out per million tokens"
        monkeypatch.setenv("OVERHAUL_MODEL", "parrot")
        rows = model_rows(settings)
        assert (rows["model"].status, rows["price"].status) == ("unusable", "missing")
        assert '[prices."parrot"]' in rows["price"].advice


def test_doctor_says_why_the_model_cannot_be_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERHAUL_MODEL", "gpt-5.4-mini")
    row = model_rows(settings)["model"]
    assert (row.status, "Set OPENAI_API_KEY" in row.advice) == ("unusable", True)
    with serving(Refuse(401, {"error": {"message": "bad key"}})) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        row = model_rows(settings)["model"]
    assert (row.status, "refuses the key: bad key" in row.advice) == ("unusable", True)
