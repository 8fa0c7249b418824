"""An agent at work on a run: what it is told, what it may do and use, and what becomes of its changes.

Everything here is gone through again when a run goes on; the steps that were done come back as they were.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from overhaul.flows.agent_gate import GateGrants
from overhaul.flows.agent_steps import Chosen, DurableSteps
from overhaul.flows.agent_workspace import GitWorkspace
from overhaul.flows.analysis import edited_sites, read_sites
from overhaul.flows.artifacts import AgentProgress
from overhaul.flows.batching import Attempt, Wanted, agent_message, commit_and_test
from overhaul.flows.images import data_urls
from overhaul.flows.mcp_tools import approved_tools
from overhaul.flows.mirror import FileChange
from overhaul.flows.progress import tell
from overhaul.flows.results import AgentResult, BatchResult, TestCounts
from overhaul.flows.returned import batches_of
from overhaul.flows.run_context import Evidence, Run
from overhaul.flows.settings import Settings
from overhaul.flows.tasks import checkout_of, format_edits, mirror_of
from overhaul.flows.web_search import search_tools
from overhaul.refactors.agent import effort, trajectory
from overhaul.refactors.agent.conversation import Effort, Model, Request, Turn
from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.agent.loop import Agent, State
from overhaul.refactors.agent.permissions import Rights
from overhaul.refactors.agent.surroundings import surroundings
from overhaul.refactors.agent.tasks import failures_message, leftovers_task, remark_message, returned_message
from overhaul.refactors.agent.tools import BUILT_IN, Tool, Toolbox, page_tools
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.index import Index
from overhaul.refactors.recipe import Site

SHOWN_CALLS = 20
SHOWN_FAILURES = 20
LONGEST_TEXT = 2_000


@dataclass
class ConfiguredModel:
    """The configured model, found when it is first asked: a run whose steps are all done needs none."""

    name: str

    def ask(self, request: Request) -> Turn:
        return self._model.ask(request)

    @cached_property
    def _model(self) -> Model:
        from overhaul.flows.providers import model_of

        return model_of(Settings.from_environment())


@dataclass
class Session:
    """The work of one run's agent, from the commit `run.agent_parent`. Close it, or use it as a context manager.

    `learned` is told of the run whenever more is known of what the agent does. `returned` is the commit in which a
    person has last handed the change back, from which it goes on; `ours` are the commits known to be there by then.
    """

    run: Run
    evidence: Evidence
    chosen: Chosen
    learned: Callable[[Run], None]
    state: State | None = None
    repairs: int = 0
    returned: str = ""
    ours: list[BatchResult] = field(default_factory=list)
    _rounds: int = 1
    _attempts: int = 0
    _is_fresh: bool = False
    _why: str = ""
    _progress: AgentProgress | None = field(default=None, repr=False)
    _committed: tuple[str, str, str] = ("", "", "")

    def __post_init__(self) -> None:
        self.mirror = mirror_of(self.run.repository)
        self.model = ConfiguredModel(self.chosen.name)
        at = checkout_of(self.run, self.evidence.environment, self.run.agent_parent)
        self.workspace = GitWorkspace(
            at, self.run.author, self._folder, self.evidence.baseline, self.run.options.test_timeout
        )
        self._open = ExitStack()
        self._open.enter_context(self.workspace)
        options, settings = self.run.options, Settings.from_environment()
        self._steps = DurableSteps(self.run, self.mirror, self._before, lambda _: self._why)
        grants = GateGrants(
            self._known, self.mirror, lambda: self.workspace.tree, self._take_over_within, self._is_built_on
        )
        own: dict[str, Tool] = {}
        if options.own_tools:
            own = {
                **self._open.enter_context(approved_tools(settings)),
                **search_tools(settings, options.mode, options.network),
            }
        if self.workspace.asks_for_pictures():
            own |= page_tools(self.workspace.pages)
        rights = Rights(options.mode, self._planned())
        self.toolbox = Toolbox(self.workspace, rights, grants, {**BUILT_IN, **own})

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def work(self) -> Attempt | None:
        """Let it work until its tests hold or it has to stop, then once more for each remark of a person's.

        Returns its last commit with the tests, or None if it has changed nothing or the model failed.
        """
        state = self._agent().begin(self._task(), data_urls(self.run.options.images))
        state, attempt = self._until_tests_hold(state)
        changed: list[str] = []
        for remark in self.run.revision.remarks:
            if state.status == "model failed":
                break
            if remark.commit:
                tree, files = self._take_over(remark.commit, state.tree)
                state, attempt = replace(state, tree=tree), None
                self.state = state
                changed += files
            if not remark.commit or remark.text:
                self._rounds += 1
                said = f"{remark.who}: {remark.text}"
                told = returned_message(changed, said) if changed else remark_message(said)
                changed = []
                state, attempt = self._until_tests_hold(state.told(told))
        self._write_log(state)
        return attempt

    def commit_and_test(self, parent: str, left_out: Sequence[str], title: str) -> Attempt | None:
        """Commit what it has changed on top of a parent, without some files, formatted as the project formats."""
        if self.state is None:
            return None
        start = self.mirror.tree_of(self._parent)
        changes = [each for each in self.mirror.changes(start, self.state.tree) if each.path not in left_out]
        if not changes:
            return None
        there = [asdict(each) for each in changes if each.blob]
        environment = asdict(self.evidence.environment)
        place, commands = (self.run.id, self.run.repository, parent), self.run.options.commands
        blobs = format_edits(*place, there, environment, commands) if there else {}
        formatted = [FileChange(each.path, blobs.get(each.path, each.blob)) for each in changes]
        message = agent_message(self.run, [each.path for each in changes], self.chosen.name)
        return commit_and_test(self.run, self.evidence, parent, Wanted(formatted, message, title))

    def result(self) -> AgentResult:
        """What it has done so far."""
        state = self.state or self._agent().begin("")
        price = self.chosen.price
        calls = trajectory.calls(state)[-SHOWN_CALLS:]
        return AgentResult(
            model=self.chosen.name,
            status=state.status,
            message=_recordable(state.message),
            steps=state.steps,
            seconds=round(state.seconds, 1),
            tokens=asdict(state.usage),
            dollars=round(price.of(state.usage), 4) if price else None,
            commit=self._commit(state.tree),
            repairs=self.repairs,
            sites=len(self._sites),
            sites_edited=self._sites_edited(state),
            todos=[{"step": _recordable(each.step), "status": each.status} for each in state.todos],
            calls=[
                {"tool": _recordable(tool), "arguments": _recordable(given), "failed": failed}
                for tool, given, failed in calls
            ],
            log=str(self._log),
        )

    def _until_tests_hold(self, state: State) -> tuple[State, Attempt | None]:
        """Send failing tests back to it, a few times."""
        repairs = self.run.options.repair_attempts
        for repair in range(repairs + 1):
            self.repairs = repair
            state = self._agent().run(state)
            if self.run.options.mode == "read-only" or state.status == "model failed":
                return state, None
            self._attempts += 1
            attempt = self.commit_and_test(self._parent, (), f"agent {self._attempts}")
            if attempt is None or attempt.passes or state.status != "done" or repair == repairs:
                return state, attempt
            state = state.told(failures_message(_failures(attempt), last=repair + 1 == repairs))
        raise AssertionError("the last attempt returns")

    @property
    def _parent(self) -> str:
        """The commit on which its next one stands."""
        return self.returned or self.run.agent_parent

    def _take_over_within(self, commit: str) -> tuple[str, list[str]]:
        """Likewise, while it waits at its gate: what it has done so far is in the commit that the gate shows."""
        tree = self.state.tree if self.state else self.workspace.tree
        so_far = self._commit(tree)
        if so_far != self._parent:
            files = [each.path for each in self.mirror.changes(self._parent, so_far)]
            self.ours.append(BatchResult(so_far, files, TestCounts(), "agent"))
        return self._take_over(commit, tree)

    def _is_built_on(self) -> bool:
        return self._steps.goes_on_after(self.state.steps if self.state else 0)

    def _take_over(self, commit: str, tree: str) -> tuple[str, list[str]]:
        """Go on from a person's commit. Returns its tree, and the files that differ from the tree before."""
        self.ours += batches_of(self.run, commit, (*self.run.shown, *self.ours, *self._recipes))
        self.returned = commit
        new = self.mirror.tree_of(commit)
        return new, [each.path for each in self.mirror.changes(tree, new)]

    @property
    def _recipes(self) -> list[BatchResult]:
        return self.run.edited.batches if self.run.edited else []

    def _agent(self) -> Agent:
        # What was tried before is still in the workspace; the loop goes on from the tree of its state.
        return Agent(
            self.model,
            self.toolbox,
            self._limits(),
            self._steps,
            time.monotonic,
            effort=self._effort,
            watch=self._watch,
            cache_key=self.run.origin,
        )

    def _limits(self) -> Limits:
        """What a person allows once is allowed again each time that the change is sent back."""
        budget, rounds = self.run.options.budget, self._rounds
        return Limits(
            steps=budget.steps * rounds,
            seconds=budget.minutes * 60 * rounds,
            tokens=budget.tokens * rounds,
            dollars=budget.dollars * rounds if budget.dollars else None,
            price=self.chosen.price,
        )

    def _effort(self, state: State) -> Effort:
        choice = effort.choose(self._size, self.repairs, state.items)
        self._why = f"effort {choice.effort}: {choice.reason}"
        return choice.effort

    @cached_property
    def _size(self) -> effort.Size:
        """How much there is to do; of a prompt that is not known."""
        if self.run.is_prompt:
            return effort.Size(0, 2, 0)
        return effort.Size(len(self._sites), len({site.path for site in self._sites}), len(self._sites))

    def _before(self, key: str) -> None:
        """A step is really done now: say so to whoever watches."""
        self._is_fresh = True
        kind, step, number = key.split("/")
        what = "the model answers"
        if kind != "ask" and self.state:
            # A server that gives its calls the same ids again leaves none open.
            self._why = what = next(islice(trajectory.open_calls(self.state), int(number), None), "a tool")
        used = f"{self.state.usage.total if self.state else 0:,} tokens"
        tell(f"agent {step}/{self._limits().steps}{self._now()}: {what[:40]} ({used})")

    def _now(self) -> str:
        """` [2/5 edit the callers]`: where it stands in its todo list."""
        todos = self.state.todos if self.state else ()
        now = next((each.step for each in todos if each.status == "in_progress"), "")
        done = sum(each.status == "completed" for each in todos)
        return f" [{done}/{len(todos)} {now[:30]}".rstrip() + "]" if todos else ""

    def _watch(self, state: State) -> None:
        self.state = state
        if not self._is_fresh:
            return
        self._is_fresh = False
        self._write_log(state)
        known = self._known()
        self.learned(known)
        self._progress = self._progress or AgentProgress(self.run.id)
        self._progress.show(known)

    def _known(self) -> Run:
        return replace(self.run, agent=self.result())

    def _write_log(self, state: State) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        text = trajectory.as_text(state, self.chosen.name)
        self._log.write_text(text, encoding="utf-8", errors="backslashreplace")

    def _task(self) -> str:
        if self.run.is_prompt:
            return str(self.run.parameters["task"])
        base = self.run.base_commit

        def read(path: str) -> bytes:
            return self.mirror.git("cat-file", "blob", f"{base}:{path}")

        index = Index(Settings.from_environment().facts_index)
        with index, CommitTree(self.mirror.folder, base) as tree:
            about = surroundings(RepositoryGraph(tree, index), self._sites, tree.read)
        return leftovers_task(self.run.options.leftovers, self.run.title, self._sites, read, about)

    @cached_property
    def _sites(self) -> list[Site]:
        """The sites that it is given."""
        if self.run.is_prompt:
            return []
        found = read_sites(self.mirror, self.run.analysis_result)
        return [site for site in found if site.status == "unresolved"]

    def _planned(self) -> frozenset[str]:
        """The files that it may edit without asking: those of its sites and of the recipe's edits."""
        moved = {edit["path"]: edit["new_path"] or edit["path"] for edit in self.run.analysis_result.edits}
        return frozenset({moved.get(site.path, site.path) for site in self._sites} | set(moved.values()))

    def _sites_edited(self, state: State) -> int:
        if not self._sites:
            return 0
        since = (self.run.agent_parent, state.tree)
        return len(edited_sites(self.mirror, self._sites, self.run.base_commit, since))

    def _commit(self, tree: str) -> str:
        if self._committed[:2] == (self._parent, tree):
            return self._committed[2]
        files = [each.path for each in self.mirror.changes(self._parent, tree)]
        message = agent_message(self.run, files, self.chosen.name)
        commit = (
            self.mirror.commit_tree(tree, self._parent, message, self.run.author) if files else self._parent
        )
        self.mirror.keep(f"agents/{self.run.id}", commit)
        self._committed = (self._parent, tree, commit)
        return commit

    @property
    def _folder(self) -> Path:
        return Settings.from_environment().run_folder(self.run.id)

    @property
    def _log(self) -> Path:
        return self._folder / "logs" / "agent.log"


def _recordable(text: str) -> str:
    """What a model wrote, for a record: not endless, and without halves of characters, which JSON has and UTF-8 not."""
    cut = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."
    return cut.encode(errors="backslashreplace").decode()


def _failures(attempt: Attempt) -> str:
    """The tests that fail only now, with the ends of what they said."""
    excerpts = {result.id: result.excerpt for result in attempt.report.results}
    failures = attempt.comparison.new_failures
    lines = [
        f"{each.id} ({each.kind})\n{excerpts.get(each.id, '')}".strip() for each in failures[:SHOWN_FAILURES]
    ]
    more = len(failures) - SHOWN_FAILURES
    return "\n\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])
