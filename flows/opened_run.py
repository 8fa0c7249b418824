"""One run, opened to be looked at and answered: what it gives shows itself in a notebook, and prints as text."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from overhaul.flows.connection import ask_prefect
from overhaul.flows.errors import NothingToAnswer, UnknownRun
from overhaul.flows.results import AgentResult
from overhaul.flows.settings import Settings
from overhaul.flows.views.agent import agent_shown
from overhaul.flows.views.diff import diff_html
from overhaul.flows.views.durations import span
from overhaul.flows.views.logs import log_html
from overhaul.flows.views.markdown import markdown_html
from overhaul.flows.views.patch import notes_of
from overhaul.flows.views.shown import Shown, empty, facts, problem, table
from overhaul.flows.views.tables import findings_html, lines_html, sites_html, tests_html
from overhaul.flows.views.timeline import timeline_html
from overhaul.refactors.recipe import Site
from overhaul.refactors.review import Finding, Review
from overhaul.sandbox.comparison import compare
from overhaul.sandbox.report import TestReport

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

    from overhaul.flows.analysis import AnalysisRecord
    from overhaul.flows.mirror import Mirror
    from overhaul.flows.run_record import RunRecord

LOG_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Batch:
    """One commit of a run, and what it is on top of."""

    number: int
    commit: str
    parent: str
    files: tuple[str, ...]


class OpenedRun:
    """A run as it was when it was opened, or last refreshed."""

    def __init__(self, run_id: str, settings: Settings) -> None:
        if not isinstance(run_id, str) or not run_id.strip():
            raise UnknownRun(
                f"run_id is {run_id!r}; it takes a run's id, the beginning of it, or the run's name."
                " See them with: overhaul status"
            )
        self._wanted = run_id.strip()
        self._settings = settings
        self.refresh()

    def refresh(self) -> OpenedRun:
        """Read the run's record again."""
        from overhaul.flows.run_record import read_record
        from overhaul.flows.runs import find_run

        def read(client: SyncPrefectClient) -> RunRecord:
            return read_record(client, find_run(client, self._wanted), self._settings)

        self.record = ask_prefect(self._settings, read)
        self._wanted = self.id
        for name in ("_analysis", "_sites"):
            self.__dict__.pop(name, None)
        return self

    @property
    def id(self) -> str:
        return str(self.record.described["run_id"])

    @property
    def status(self) -> str:
        return str(self.record.described["status"])

    @property
    def batches(self) -> list[Batch]:
        """The commits, in order."""
        parent, found = self.record.described["base"], []
        for number, each in enumerate(self.record.described["batches"], 1):
            found.append(Batch(number, each["commit"], parent, tuple(each["files"])))
            parent = each["commit"]
        return found

    def __repr__(self) -> str:
        return self._overview().text

    def _repr_html_(self) -> str:
        return self._overview()._repr_html_()

    def timeline(self) -> Shown:
        """The steps with their attempts and the gates, over time."""
        record = self.record
        lines = [
            f"{each.step} ({each.number}): {each.status}, {span(each.seconds)}" for each in record.attempts
        ]
        lines += [f"gate {each.gate}: {'answered' if each.ended else 'waits'}" for each in record.waits]
        return Shown(timeline_html(record.attempts, record.waits, record.read_at), "\n".join(lines))

    def diff(self, batch: int | None = None) -> Shown:
        """What a batch (from 1) changes, or the whole run: what it plans, while nothing is committed."""
        patch = self.patch(batch)
        return Shown(diff_html(patch, notes_of(patch, self._sites)), patch.decode(errors="backslashreplace"))

    def patch(self, batch: int | None = None) -> bytes:
        """The unified diff behind `diff`."""
        from overhaul.flows.runs import diff_of

        if batch is None:
            return diff_of(self.record.described, self._settings)
        if not isinstance(batch, int) or not 1 <= batch <= len(self.batches):
            raise UnknownRun(f"run {self.id[:8]} has no batch {batch!r}; it has {len(self.batches)}, from 1.")
        chosen = self.batches[batch - 1]
        return self._mirror.diff(chosen.parent, chosen.commit)

    def tests(self) -> Shown:
        """The tests at base against those at head."""
        baseline, head = self._report("tests at base"), self._head_report()
        if baseline is None:
            return empty("The tests have not run yet, or their results are no longer kept.")
        renamed = self._analysis.renamed if self._analysis else {}
        comparison = compare(baseline, head, renamed) if head else None
        logs = [Path(each.log).name for each in (baseline, head) if each and each.log]
        counts = [f"{name}: {each.counts}" for name, each in (("base", baseline), ("head", head)) if each]
        new = [f"new failure: {each.id}" for each in comparison.new_failures] if comparison else []
        return Shown(tests_html(baseline, head, comparison, logs), "\n".join([*counts, *new]))

    def lines(self) -> Shown:
        """The changed lines that no test executed."""
        head = self._head_report()
        if head is None:
            return empty("The tests have not run at head.")
        missed = head.coverage.missed if head.coverage else ()
        return Shown(lines_html(head.coverage), "\n".join(missed) or "no changed line is known to be missed")

    def sites(self) -> Shown:
        """The places that the recipe found: what is not proved first."""
        if self._analysis is None:
            return empty("Nothing was analysed yet.")
        text = "\n".join(f"{each.path}:{each.line}: {each.status}: {each.reason}" for each in self._sites)
        return Shown(sites_html(self._sites), text)

    def findings(self) -> Shown:
        """What a reviewer should know."""
        kept = self.record.results.get("review")
        if kept is None:
            return empty("The change has not been reviewed yet.")
        findings = tuple(Finding(**each) for each in kept["findings"])
        review = Review(findings, kept["risk"], tuple(kept["reasons"]))
        return Shown(findings_html(review), f"risk: {review.risk}\n" + "\n".join(map(str, findings)))

    def logs(self, search: str = "", log: str = "") -> Shown:
        """The lines of all logs, or of one (see `log_names`), that contain some words."""
        names = [log] if log else self.log_names
        return log_html({name: self._lines_of(name) for name in names if name in self.log_names}, search)

    @property
    def log_names(self) -> list[str]:
        """`run` is what Prefect logged; the others hold what environments and tests printed."""
        return ["run", *sorted(path.stem for path in self._log_folder.glob("*.log"))]

    def agent(self) -> Shown:
        """What a model did in this run."""
        agent = self.record.described["agent"]
        if not agent:
            return empty("No model took part in this run: 0 tokens. Every edit was proved by the recipe.")
        return agent_shown(AgentResult(**agent))

    def decisions(self) -> Shown:
        """Who has decided what at the gates."""
        rows = [
            (each["gate"], each["decision"] or "waits", each["approver"] or "", each["comment"] or "",
             each["asked_at"][:19].replace("T", " "), each["hash"][:12])
            for each in self.record.described["gates"]
        ]  # fmt: skip
        if not rows:
            return empty("No gate was reached yet.")
        return table(("gate", "decision", "who", "comment", "asked", "of what was shown"), rows, "Decisions")

    def question(self) -> Shown:
        """What the open gate asks."""
        gate = self.record.gate
        if gate is None:
            return empty(f"This run waits at no gate; it is {self.status}.")
        return Shown(markdown_html(gate.question.summary), gate.question.summary)

    def answer(
        self, decision: str, comment: str = "", approver: str = "", set_aside: Sequence[str] = ()
    ) -> subprocess.Popen[bytes] | None:
        """Answer the gate that was shown and have the run go on; return the process that does so.

        `set_aside` are files that stay as they are. None: the run is a deployment's, whose runner goes on with it.
        Raises NothingToAnswer, and AnswerRefused if the answer could not count.
        """
        from overhaul.flows.answering import answer_shown, given_in_notebook
        from overhaul.flows.detached import carry_on

        gate = self.record.gate
        if gate is None:
            raise NothingToAnswer(f"run {self.id[:8]} waits at no gate; it is {self.status}.")
        given = given_in_notebook(decision, comment, approver, set_aside)
        ask_prefect(self._settings, lambda client: answer_shown(client, gate, given))
        return None if self.record.deployment else carry_on(self.id, self._settings)

    def _overview(self) -> Shown:
        of = self.record.described
        tests = of["tests"]
        lines = of["changed_lines"]
        told = facts(
            [
                ("run", f"{of['run_id'][:8]} {of['name']}"),
                ("status", of["status"]),
                ("campaign", of["campaign"]),
                ("files edited", of["edits"]),
                ("unresolved sites", of["unresolved"]),
                ("tests passed", "none" if tests["base"] is None else f"{tests['base']} → {tests['head']}"),
                ("new failures", tests["new_failures"]),
                ("lines executed", f"{lines['executed']} of {lines['changed']}" if lines else "not measured"),
                ("working time", span(sum(each["seconds"] for each in of["steps"]))),
                ("tokens", of["tokens"]),
            ]
        )
        said = problem(of["message"]) if of["message"] else Shown("", "")
        return Shown(told.html + said.html, "\n".join(filter(None, [told.text, said.text])))

    @property
    def _mirror(self) -> Mirror:
        from overhaul.flows.mirror import Mirror

        return Mirror.of(self.record.described["repository"], self._settings.mirrors)

    @cached_property
    def _analysis(self) -> AnalysisRecord | None:
        from overhaul.flows.analysis import AnalysisRecord

        kept = self.record.results.get("analyse")
        return AnalysisRecord(**kept) if kept else None

    @cached_property
    def _sites(self) -> list[Site]:
        from overhaul.flows.analysis import read_sites

        return read_sites(self._mirror, self._analysis) if self._analysis else []

    def _report(self, step: str) -> TestReport | None:
        kept = self.record.results.get(step)
        return TestReport.from_json(kept["report"]) if kept else None

    def _head_report(self) -> TestReport | None:
        """The tests of the last commit that was kept; of the first that was tried if none was."""
        results = self.record.results
        edits = {
            name.removeprefix("edit "): made for name, made in results.items() if name.startswith("edit ")
        }
        last = self.batches[-1].commit if self.batches else None
        titles = [title for title, commit in edits.items() if last in {commit, None}]
        for title in [*titles[:1], *([f"return {last[:8]}"] if last else [])]:
            if found := self._report(f"tests {title} unmeasured") or self._report(f"tests {title}"):
                return found
        return None

    @property
    def _log_folder(self) -> Path:
        return self._settings.run_folder(self.id) / "logs"

    def _lines_of(self, name: str) -> list[str]:
        if name == "run":
            return self.record.log
        path = self._log_folder / f"{name}.log"
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LOG_BYTES))
            return file.read().decode(errors="backslashreplace").splitlines()
