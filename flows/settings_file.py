"""What the user has set in `settings.toml` of the home folder. No repository's file is ever read for it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from overhaul.flows.errors import SettingsError
from overhaul.flows.settings import Settings
from overhaul.refactors.errors import did_you_mean


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelForm(Form):
    """`[model]`: who answers. The environment's variables come first."""

    name: str = ""
    base_url: str = ""
    wire: Literal["responses", "chat"] | None = None
    deadline_seconds: float = Field(default=600.0, gt=0)


class PriceForm(Form):
    """`[prices."NAME"]`: dollars per million tokens. What is cached costs as much as fresh input if not said."""

    input: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    output: float = Field(ge=0)


class McpForm(Form):
    """`[mcp.NAME]`: a server by its command or its address.

    `variables` are the names of those environment variables that it may have: a command finds them in its environment,
    `headers` name them as `$NAME`. `tools` are those wanted; all if empty.
    """

    command: tuple[str, ...] = ()
    url: str = ""
    variables: tuple[str, ...] = ()
    headers: Mapping[str, str] = Field(default_factory=dict)
    tools: tuple[str, ...] = ()
    timeout_seconds: float = Field(default=60.0, gt=0)

    @model_validator(mode="after")
    def _is_reached_in_one_way(self) -> McpForm:
        if bool(self.command) == bool(self.url):
            raise ValueError("it needs a command or a url, and not both")
        return self


ForgeKind = Literal["github", "gitlab", "forgejo", "gitea"]


class ForgeForm(Form):
    """`[forges."HOST"]`: what stands there. `api` is its address, if it is not the usual one.

    `token_variable` names the environment variable with the token, if it is not the usual one. A GitHub App has an
    `app_id` and the file with its private key instead. `forks`: where we may not write, branches go to our fork.
    """

    kind: ForgeKind
    api: Annotated[str, StringConstraints(pattern="^(https?://[^@?]+)?$")] = ""
    token_variable: str = ""
    app_id: int | None = Field(default=None, gt=0)
    private_key_file: str = ""
    forks: bool = False

    @model_validator(mode="after")
    def _is_whole_app(self) -> ForgeForm:
        if (self.app_id is None) != (not self.private_key_file):
            raise ValueError("an App needs app_id and private_key_file")
        if self.app_id is not None and (self.kind != "github" or self.token_variable):
            raise ValueError("app_id is for GitHub, and goes with no token_variable")
        if self.forks and (self.kind != "github" or self.app_id is not None):
            raise ValueError("forks is for GitHub with a person's token")
        return self


ForgeHost = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+(:[0-9]+)?$")]
McpName = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{1,30}$")]


class WebSearchForm(Form):
    """`[web_search]`: by whom. `{query}` stands in an argument of the command, or in the address.

    `variables` and `headers` as for MCP servers.
    """

    provider: bool = False
    command: tuple[str, ...] = ()
    url: str = ""
    variables: tuple[str, ...] = ()
    headers: Mapping[str, str] = Field(default_factory=dict)
    timeout_seconds: float = Field(default=30.0, gt=0)

    @model_validator(mode="after")
    def _is_one(self) -> WebSearchForm:
        if self.provider + bool(self.command) + bool(self.url) != 1:
            raise ValueError("it needs one of provider = true, a command and a url")
        if not self.provider and not any("{query}" in word for word in (*self.command, self.url)):
            raise ValueError("{query} stands neither in an argument of the command nor in the url")
        return self


Sender = Annotated[str, StringConstraints(pattern=r"^[^/\s]+/\S+$", to_lower=True)]


class WebhookForm(Form):
    """`[webhook]`: the repositories whose webhooks count, as patterns of HOST/OWNER/NAME.

    `review`: whether a draft that becomes ready, or `@overhaul review`, starts a review. `repairs`: how often a model
    tries to mend failed checks of a pull request of ours.
    """

    senders: tuple[Sender, ...] = ()
    review: bool = False
    repairs: int = Field(default=0, ge=0, le=10)


class UserSettings(Form):
    """The whole file."""

    model: ModelForm = ModelForm()
    prices: Mapping[str, PriceForm] = Field(default_factory=dict)
    mcp: Mapping[McpName, McpForm] = Field(default_factory=dict)
    web_search: WebSearchForm | None = None
    forges: Mapping[ForgeHost, ForgeForm] = Field(default_factory=dict)
    webhook: WebhookForm | None = None


def read_settings(settings: Settings) -> UserSettings:
    """Read the file; without one everything is as usual. Raises SettingsError that names the place and the fault."""
    try:
        data = tomllib.loads(settings.file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return UserSettings()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{settings.file} cannot be read: {error}. Correct it.") from error
    try:
        return UserSettings.model_validate(data)
    except ValidationError as error:
        raise SettingsError(f"{settings.file}: {_first_fault(error)}") from None


_SECTIONS: Mapping[str, type[Form]] = {
    "model": ModelForm,
    "prices": PriceForm,
    "mcp": McpForm,
    "web_search": WebSearchForm,
    "forges": ForgeForm,
    "webhook": WebhookForm,
}


def _first_fault(error: ValidationError) -> str:
    """The first fault, without the value: it may be a key in the wrong place."""
    fault = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{place}: {fault['msg']}."
    name = str(fault["loc"][-1])
    if "key" in name.lower() or "token" in name.lower():
        return (
            f"{place} is unknown: keys stand in no file. Set OPENAI_API_KEY (for forges GITHUB_TOKEN or the like), or"
            " use the keyring (docs/providers.md, docs/forges.md)."
        )
    form = UserSettings if len(fault["loc"]) == 1 else _SECTIONS[str(fault["loc"][0])]
    known = list(form.model_fields)
    return f"{place} is unknown.{did_you_mean(name, known)} Known: {', '.join(known)}."
