"""What a campaign is: the form of its file, which is also its form in Python (`Campaign(...)`)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from overhaul.flows.campaigns.windows import Window
from overhaul.flows.forges.base import Merging
from overhaul.flows.options import Budget, Gates, Mode, SandboxName
from overhaul.sandbox.edit_commands import split_command
from overhaul.sandbox.network import Network

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[Text, ...], BeforeValidator(_listed)]


class Form(BaseModel):
    """A part of the file: unknown keys are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)


class Share(Form):
    """How many of a number of repositories: some (`5`), or a part (`20%`)."""

    count: int | None = None
    percent: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict | Share):
            return value
        text = str(value).strip()
        if (found := _SHARE.fullmatch(text)) and float(found[1]) <= 100:
            return {"percent": float(found[1])}
        if text.isdecimal():
            return {"count": int(text)}
        raise ValueError(f"'{text}' is neither a number nor a part; write 5 or 20%")

    def of(self, total: int) -> int:
        """That many of a total: a part is rounded up, and no more than there are."""
        wanted = self.count if self.count is not None else math.ceil(total * (self.percent or 0.0) / 100)
        return min(wanted, total)


class ForgeQuery(Form):
    """Repositories as a forge lists them."""

    organization: str = Field(default="", description="All of an organisation's or group's.")
    user: str = Field(default="", description="All of a person's.")
    topic: str = Field(default="", description="Those with this topic.")
    search: str = Field(default="", description="Those that the forge's own search finds.")
    host: str = Field(default="", description="The forge's host, where it is not the public one.")

    @model_validator(mode="after")
    def _says_which(self) -> ForgeQuery:
        if not (self.organization or self.user or self.topic or self.search):
            raise ValueError("it needs an organization, a user, a topic or a search")
        return self


FORGES = ("github", "gitlab", "forgejo")


class Selection(Form):
    """Some of the repositories; `base` names the branches to change, the default one if there is none."""

    path: str = Field(default="", description="Folders: a path, or a pattern such as ~/src/*.")
    file: str = Field(default="", description="A file with one path or address a line; # begins a comment.")
    url: str = Field(default="", description="An address, as git clone takes it.")
    github: ForgeQuery | None = None
    gitlab: ForgeQuery | None = None
    forgejo: ForgeQuery | None = None
    base: Words = Field(default=(), description="The branch to change, or several, each with a pull request.")

    @model_validator(mode="after")
    def _is_one(self) -> Selection:
        kinds = ("path", "file", "url", *FORGES)
        given = [kind for kind in kinds if getattr(self, kind)]
        if len(given) != 1:
            said = " and ".join(given) if given else "none"
            raise ValueError(f"it takes exactly one of {', '.join(kinds)}; there is {said}")
        return self


class Step(Form):
    """One step: a recipe, a model with a prompt, or a command in the sandbox."""

    recipe: str = Field(
        default="",
        description="A recipe's id, module:Class, distilled:NAME, command: LINE, or a file:"
        " a composite, ast-grep rules, path/to/recipe.py:Class.",
    )
    parameters: dict[str, Any] = Field(
        default_factory=dict, alias="with", description="The recipe's parameters."
    )
    agent: str = Field(default="", description="A file with a prompt, beside the campaign's.")
    only: Literal["", "unresolved"] = Field(
        default="", description="The agent gets what the recipe left over."
    )
    budget: Budget | None = Field(default=None, description="What the agent may use in one repository.")
    run: str = Field(
        default="", description="A command in the sandbox; {changed_files} stands for the edited ones."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Step:
        given = [kind for kind in ("recipe", "agent", "run") if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError("a step is one of recipe, agent and run")
        if self.parameters and not self.recipe:
            raise ValueError("with belongs to a recipe")
        if (self.only or self.budget) and not self.agent:
            raise ValueError("only and budget belong to an agent")
        return self


class EnvironmentForm(Form):
    """Where the tests run."""

    image: Literal["auto"] = "auto"
    setup: Literal["auto"] = "auto"
    network: Words = Field(default=(), description="setup-only, hosts that tests may reach, or full.")
    sandbox: SandboxName = "auto"
    python: str | None = None
    packages: Words = ()

    @field_validator("network")
    @classmethod
    def _are_hosts(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        hosts = () if words == ("setup-only",) else words
        Network.of(hosts)
        return hosts


class Verify(Form):
    """What must hold before anything leaves."""

    tests: Literal["auto"] = "auto"
    new_failures: Literal[0] = 0
    repair_attempts: int = Field(
        default=2, ge=0, le=10, description="How often the agent mends what it broke."
    )
    uncovered_lines: Literal["gate"] = "gate"
    timeout: float = Field(default=1800.0, gt=0, description="Seconds after which a test run is ended.")

    @field_validator("new_failures", mode="before")
    @classmethod
    def _as_number(cls, value: Any) -> Any:
        if str(value) != "0":
            raise ValueError("it is 0: a change that breaks tests is not proposed")
        return 0


class Split(Form):
    """How the edits in one repository are split."""

    by: Literal["", "codeowners"] = Field(
        default="",
        description="codeowners: a pull request for each set of owners, where the recipe's edits stand by themselves.",
    )
    max_files: int = Field(default=30, ge=1, description="Files that are tested and committed together.")


class Advance(Form):
    """When the next wave begins: the part of a wave's repositories, without failed ones, that is this far."""

    published: Share | None = None
    merged: Share | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Advance:
        if (self.published is None) == (self.merged is None):
            raise ValueError("it takes one of published and merged")
        return self


class Halt(Form):
    """When nothing new is begun any more: so many of those that were begun have failed."""

    failed: Share


class RolloutLimits(Form):
    """How many at once, and how fast, over all processes that work on the campaign."""

    open_pull_requests: int | None = Field(default=None, ge=1)
    per_hour: int | None = Field(default=None, ge=1, description="Repositories begun within an hour.")
    at_once: int = Field(
        default=1, ge=1, le=64,
        description="Repositories that are worked on at the same time; more than one needs runners (overhaul serve).",
    )  # fmt: skip


class Rollout(Form):
    """In what order, and how many at a time."""

    order: Literal["dependency", "given"] = Field(
        default="dependency", description="dependency: libraries first."
    )
    users_wait_for: Literal["published", "merged"] = Field(
        default="published", description="How far a library must be before its users are begun."
    )
    waves: tuple[Share, ...] = Field(default=(Share(percent=100.0),), description="As [1, 20%, rest].")
    advance_when: Advance = Advance(published=Share(percent=100.0))
    halt_when: Halt | None = None
    limits: RolloutLimits = RolloutLimits()
    windows: tuple[Window, ...] = Field(
        default=(), description="When repositories may be begun: [mon-fri 08:00-17:00]; always if empty."
    )
    timezone: str = Field(
        default="UTC", description="Whose clock windows and schedule go by, as Europe/Berlin."
    )

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"'{name}' is no time zone; write as Europe/Berlin") from error
        return name

    @field_validator("waves", mode="before")
    @classmethod
    def _end_with_rest(cls, waves: Any) -> Any:
        if not isinstance(waves, list | tuple):
            return waves
        if "rest" in waves[:-1]:
            raise ValueError("rest is the last wave")
        ends = bool(waves) and waves[-1] in (Share(percent=100.0), {"percent": 100.0})
        return list(waves) if ends else [*(wave for wave in waves if wave != "rest"), "100%"]


class PullRequestForm(Form):
    """What the pull requests look like, and what becomes of them."""

    title: str = Field(default="", description="{NAME} stands for a parameter of the recipe.")
    body: str = Field(
        default="", description="A file with a Jinja template, in which {{ evidence }} stands for ours."
    )
    draft: bool = False
    check: bool = Field(default=False, description="Set a check with the results of the tests at its head.")
    merge: Merging = Field(
        default="people",
        description="Who merges: people; auto, the forge once its rules are met; queue, its merge queue.",
    )
    labels: Words = ()
    reviewers: Words = Field(default=(), description="Names, or codeowners.")
    sign: bool | None = Field(
        default=None, description="Signed commits; as the git configuration of who runs it says if left out."
    )
    human_commits: Literal["freeze", "replay"] = Field(
        default="freeze",
        description="A branch with others' commits is left alone, or these are put on top of the change made anew.",
    )
    not_needed: Literal["close", "leave"] = Field(
        default="close", description="What becomes of one that no site needs any more."
    )

    @model_validator(mode="after")
    def _is_merged_by_somebody(self) -> PullRequestForm:
        if self.draft and self.merge != "people":
            raise ValueError(
                f"merge: {self.merge} goes with no draft: people merge those, once they are ready"
            )
        return self


class Spending(Form):
    """What models may use in all repositories together."""

    tokens: int | None = Field(default=None, gt=0, description="Tokens in and out.")
    dollars: float | None = Field(default=None, gt=0, description="Money; needs the model's price.")


class DoneWhen(Form):
    """When the campaign is over: so many sites are left when the recipe is run again."""

    sites: int = Field(default=0, ge=0)


class Campaign(Form):
    """A campaign: which repositories, what is done to them, in what order, who decides."""

    name: Name
    description: str = ""
    repositories: tuple[Selection, ...] = Field(min_length=1)
    exclude: Words = Field(default=(), description="Patterns of OWNER/NAME, names or paths: acme/legacy-*.")
    environment: EnvironmentForm = EnvironmentForm()
    steps: tuple[Step, ...] = Field(min_length=1)
    verify: Verify = Verify()
    split: Split = Split()
    rollout: Rollout = Rollout()
    gates: Gates = Gates()
    mode: Mode = "auto"
    pull_request: PullRequestForm = PullRequestForm()
    schedule: str = Field(
        default="", description="When `overhaul deploy` goes on with it, as cron: 0 6 * * 1."
    )
    budget: Spending = Field(
        default=Spending(), description="What models may use in all repositories together."
    )
    done_when: DoneWhen = DoneWhen()

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, text: str) -> str:
        if text:
            try:
                CronSim(text, datetime.now(UTC))
            except CronSimError as error:
                raise ValueError(
                    f"'{text}' is no time: {error}; '0 6 * * 1' is every Monday at six"
                ) from error
        return text

    @model_validator(mode="after")
    def _steps_fit(self) -> Campaign:
        kinds = ["recipe" if step.recipe else "agent" if step.agent else "run" for step in self.steps]
        if kinds.count("agent") > 1:
            raise ValueError("steps: one agent at most; make a campaign for each, one after the other")
        if kinds[0] == "run":
            raise ValueError("steps: a command goes on with edited files, so it follows a recipe or an agent")
        if "recipe" in kinds[kinds.count("recipe") :]:
            raise ValueError("steps: recipes are applied together, so they stand before all other steps")
        if "agent" in kinds[1:]:
            agent = self.steps[kinds.index("agent")]
            if kinds[0] != "recipe":
                raise ValueError("steps: the agent follows the recipe")
            if agent.only != "unresolved":
                raise ValueError("steps: an agent after a recipe gets what that left over: only: unresolved")
        elif kinds[0] == "agent" and self.steps[0].only:
            raise ValueError("steps: only: unresolved needs a recipe before the agent")
        for step in self.steps:
            if step.run:
                split_command(step.run)
        return self

    @property
    def recipe_steps(self) -> Sequence[Step]:
        """The steps with recipes; none if a model does it all."""
        return [step for step in self.steps if step.recipe]

    @property
    def agent_step(self) -> Step | None:
        return next((step for step in self.steps if step.agent), None)
