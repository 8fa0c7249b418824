"""What a run may be told, beside its recipe: the form of the flow's parameters."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from overhaul.flows.forges.base import Merging
from overhaul.flows.gate_rules import GateName, GateRule, Policy
from overhaul.sandbox.edit_commands import split_command
from overhaul.sandbox.network import Network

Mode = Literal["read-only", "auto", "full"]
SandboxName = Literal["auto", "docker", "bubblewrap", "landlock", "process"]
GatePolicy = Literal["ask", "auto"]


class Gates(BaseModel):
    """Which decisions are left to a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plan: GatePolicy | GateRule = Field(default="auto", description="Before anything is edited.")
    agent: GatePolicy | GateRule = Field(
        default="ask",
        description="Before a model's change of dependencies, of files outside the plan, or removal of tests counts."
        " Changes of CI files are always asked about.",
    )
    publish: Policy | GateRule = Field(
        default="ask",
        description="Before anything leaves. draft: the question is asked on a draft pull request.",
    )
    groups: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Names of people, for approvers: [group:NAME]."
    )

    @model_validator(mode="after")
    def _are_known(self) -> Gates:
        for gate in ("plan", "agent"):
            if self.rule(gate).policy == "draft":
                raise ValueError(
                    f"{gate}: draft; before the change is made there is no pull request to ask on"
                )
        if nested := [
            word for members in self.groups.values() for word in members if word.startswith("group:")
        ]:
            raise ValueError(f"groups: {nested[0]} stands in a group; a group takes names of people only")
        for gate in get_args(GateName):
            rule = self.rule(gate)
            for word in (*rule.approvers, *rule.escalate_to):
                if word.startswith("group:") and word.removeprefix("group:") not in self.groups:
                    known = ", ".join(self.groups) or "none are defined"
                    raise ValueError(f"{gate}: there is no {word}; groups: {known}")
            people = rule.people(self.groups)
            if people and len(people) < rule.needed:
                raise ValueError(
                    f"{gate}: needed is {rule.needed}, but only {len(people)} may decide: {', '.join(sorted(people))}"
                )
        return self

    def rule(self, gate: GateName) -> GateRule:
        """The rule of a gate, also where it was given as a word."""
        given = {"plan": self.plan, "agent": self.agent, "publish": self.publish}[gate]
        return given if isinstance(given, GateRule) else GateRule(policy=given)


class Beside(BaseModel):
    """A repository that this one depends on and that is refactored by the same command.

    Tests at base see it at `base_commit`, tests at head at `head_commit`. `distribution` is its package's name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    distribution: str
    repository: str
    base_commit: str
    head_commit: str


class Budget(BaseModel):
    """What the agent may use in one repository; that again each time that a person sends its change back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: int = Field(default=400_000, gt=0, description="Tokens in and out.")
    minutes: float = Field(
        default=30.0, gt=0, description="Minutes of its steps, without waiting for people."
    )
    steps: int = Field(default=60, gt=0, description="Times that the model is asked.")
    dollars: float | None = Field(default=None, gt=0, description="Money; needs the model's price.")


class PullRequestOptions(BaseModel):
    """What a pull request looks like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(
        default="",
        description="{NAME} stands for a parameter of the recipe; the recipe's own title if empty.",
    )
    body: str = Field(
        default="",
        description="A Jinja template for its text: {{ evidence }}, {{ title }}, {{ repository }} and the parameters.",
    )
    draft: bool = Field(default=False, description="It stays a draft until a person makes it ready.")
    labels: tuple[str, ...] = Field(default=(), description="Labels, where the forge has some.")
    check: bool = Field(
        default=False,
        description="Set a check with the results of the tests at its head, where the forge has some.",
    )
    merge: Merging = Field(
        default="people",
        description="Who merges it: people; auto, the forge once its rules allow it; queue, the forge's merge queue.",
    )
    reviewers: tuple[str, ...] = Field(
        default=(), description="Who is asked to review: names, or codeowners for the owners of the files."
    )
    human_commits: Literal["freeze", "replay"] = Field(
        default="freeze",
        title="Commits of people",
        description="A branch with others' commits is left as it is, or these are put on top of the change made anew.",
    )


class RunOptions(BaseModel):
    """How one repository is refactored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str | None = Field(
        default=None,
        title="Base branch",
        description="Branch to start from; the repository's own default if empty.",
    )
    campaign: str = Field(
        default="", description="Name under which runs are grouped; the recipe's id if empty."
    )
    wave: str = Field(default="", description="The wave of the campaign's rollout.")
    part: str = Field(
        default="",
        description="Owners: only their files are edited, where CODEOWNERS splits the repository; all if empty.",
    )
    mode: Mode = Field(
        default="auto",
        description="read-only: plan and show. auto: edit and test, ask before anything leaves. full: ask nothing.",
    )
    sandbox: SandboxName = Field(default="auto", description="Where the repository's tests run.")
    gates: Gates = Gates()
    yes: bool = Field(
        default=False, title="Approve everything", description="Answer every gate with approve."
    )
    allow_dirty: bool = Field(
        default=False,
        title="Allow uncommitted changes",
        description="Go on from HEAD although the work tree has changes.",
    )
    python: str | None = Field(
        default=None,
        title="Python interpreter",
        description="An interpreter whose installed packages the tests use.",
    )
    packages: tuple[str, ...] = Field(
        default=(), title="More packages", description="Packages that the tests need and nothing names."
    )
    network: tuple[str, ...] = Field(
        default=(),
        description="Hosts that tests may reach (api.example.org, *.example.org, db.example.org:5432), or full. Setups"
        " reach package indexes and everything public besides.",
    )
    test_timeout: float = Field(
        default=1800.0, gt=0, title="Test timeout", description="Seconds after which a test run is ended."
    )
    max_files: int = Field(
        default=30,
        ge=1,
        title="Files per batch",
        description="Files per batch, where a recipe's edits stand by themselves.",
    )
    leftovers: str = Field(
        default="",
        description="What a model is told to do with the sites that the recipe could not prove; nothing if empty.",
    )
    images: tuple[str, ...] = Field(
        default=(), description="Files with images that a model is shown with its task."
    )
    budget: Budget = Field(default=Budget(), description="What a model may use in one repository.")
    own_tools: bool = Field(
        default=True, title="Own tools", description="Offer a model the user's MCP servers and web search."
    )
    commands: tuple[str, ...] = Field(
        default=(),
        description="Commands in the sandbox that go on with a recipe's edits; {changed_files} stands for these files.",
    )
    repair_attempts: int = Field(
        default=2, ge=0, le=10, description="How often the model is sent the tests that it broke."
    )
    pull_request: PullRequestOptions = Field(
        default=PullRequestOptions(), title="Pull request", description="What it looks like."
    )
    sign: bool | None = Field(
        default=None,
        title="Sign commits",
        description="With the user's own key; as the user's git configuration says (commit.gpgsign) if empty.",
    )
    continues: bool = Field(
        default=False,
        title="Continue",
        description="Put commits on the base branch, one of ours, and into its pull request.",
    )
    hold: bool = Field(
        default=False,
        title="Hold before publishing",
        description="Where nobody is asked, wait after the tests until the campaign lets it go on.",
    )
    beside: tuple[Beside, ...] = Field(
        default=(), description="Repositories refactored together with this one."
    )

    @field_validator("network")
    @classmethod
    def _are_hosts(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        Network.of(words)
        return words

    @model_validator(mode="after")
    def _continues_a_branch(self) -> RunOptions:
        if self.continues and not (self.base or "").startswith("overhaul/"):
            raise ValueError("continues: base names no branch of ours")
        return self

    @field_validator("commands")
    @classmethod
    def _are_commands(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        for line in lines:
            split_command(line)
        return lines

    def asks(self, gate: GateName) -> bool:
        """Whether a person is asked at this gate."""
        if self.yes or self.mode == "full":
            return False
        return self.gates.rule(gate).policy != "auto"
