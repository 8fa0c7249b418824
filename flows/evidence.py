"""What people see before they decide: the questions at the gates and the pull request, each claim with its source."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from overhaul.flows.analysis import AnalysisRecord, edited_sites, read_sites
from overhaul.flows.change_page import change_page
from overhaul.flows.distilled import recipe_of_run
from overhaul.flows.gate_rules import Check, Verdict
from overhaul.flows.gates import Question
from overhaul.flows.mirror import Mirror
from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.pull_request_body import fill_body
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.flows.review_rules import findings_by_rule
from overhaul.flows.run_context import Evidence, Run
from overhaul.flows.settings import Settings
from overhaul.refactors.agent.permissions import Wish
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.recipe import Site
from overhaul.refactors.review import Change, Review, SuiteCounts, review_change
from overhaul.sandbox.report import TestReport

SHOWN_SITES = 20
LONGEST_DIFF = 20_000


@dataclass(frozen=True, slots=True)
class PullRequestText:
    """A pull request's title, body (Markdown) and page (self-contained HTML)."""

    title: str
    body: str
    html: str


def plan_question(run: Run, evidence: Evidence, mirror: Mirror) -> Question:
    """Ask whether the plan shall be carried out; the answer is bound to the plan and to the tests at base."""
    facts = facts_of(run, evidence, mirror)
    digest = _digest([run.base_commit, run.plan_result.hash, *map(str, run.revision.on_plan)])
    return Question(
        "plan", run.repository, _render("plan_gate.md.j2", facts), digest, run.result("waiting", "").to_json()
    )


def publish_question(
    run: Run, evidence: Evidence, mirror: Mirror, review: Review, checks: Sequence[Check] = ()
) -> Question:
    """Ask whether the change shall leave the sandbox; the answer is bound to the diff.

    `checks` tell how far the change kept within the limits of an automatic approval.
    """
    facts = facts_of(run, evidence, mirror) | {"review": review, "checks": checks}
    tree = mirror.tree_of(run.edited_result.head)
    digest = _digest([run.base_commit, tree, run.branch, *map(str, run.revision.remarks)])
    so_far = run.result("waiting", "").to_json()
    return Question("publish", run.repository, _render("publish_gate.md.j2", facts), digest, so_far)


def agent_question(run: Run, mirror: Mirror, wish: Wish, tree: str) -> Question:
    """Ask whether the agent may do what its rights do not cover; the answer is bound to the files' new contents."""
    start = mirror.tree_of(run.agent_parent)
    wished = [each for each in mirror.changes(start, tree) if each.path in wish.paths]
    with_them = mirror.change_tree(start, wished)
    diff = mirror.diff(start, with_them).decode(errors="replace")
    left_out = max(0, len(diff) - LONGEST_DIFF)
    facts = {"run": run, "wish": wish, "diff": fenced(diff[:LONGEST_DIFF], "diff"), "left_out": left_out}
    digest = _digest([run.agent_parent, wish.kind, *wish.paths, with_them])
    waits = f"the model asks leave ({wish.kind}): {on_one_line(', '.join(wish.paths[:5]))}"
    so_far = run.result("waiting", waits).to_json()
    summary = _render("agent_gate.md.j2", facts)
    return Question("agent", run.repository, summary, digest, so_far, files=list(wish.paths))


def agent_summary(run: Run) -> str:
    """What the agent of a run has done so far, as Markdown."""
    return _render("agent.md.j2", {"agent": run.agent, "with_calls": True})


def review_run(run: Run, evidence: Evidence, mirror: Mirror) -> Review:
    """Apply the review rules to what the run has committed."""
    paths = [path for batch in run.edited_result.batches for path in batch.files]
    changes = changes_between(mirror, run.base_commit, run.edited_result.head, run.analysis_result, paths)
    tests = None if evidence.baseline.complete else SuiteCounts(0, 0, 0, _why_incomplete(evidence.baseline))
    if evidence.has_tests and evidence.head and evidence.comparison:
        tests = SuiteCounts(
            len(evidence.baseline.results),
            len(evidence.head.results),
            len(evidence.comparison.new_failures),
            _why_incomplete(evidence.head),
        )
    proved = findings_by_rule(mirror, run.base_commit, run.edited_result.head)
    return review_change(changes, run.unresolved, tests, proved)


def changes_between(
    mirror: Mirror, base: str, head: str, record: AnalysisRecord, paths: Sequence[str]
) -> list[Change]:
    """Return what became of files from one commit to another; an analysis tells which of them it has moved."""
    moved = {edit["path"]: edit["new_path"] for edit in record.edits if edit["new_path"]}
    targets = {moved[path] for path in paths if path in moved}
    with CommitTree(mirror.folder, base) as before, CommitTree(mirror.folder, head) as after:
        old_paths, new_paths = set(before.paths()), set(after.paths())
        return [
            Change(
                path,
                before.read(path) if path in old_paths else None,
                after.read(moved.get(path, path)) if moved.get(path, path) in new_paths else None,
                moved.get(path),
            )
            for path in dict.fromkeys(paths)
            if path not in targets
        ]


def pull_request(
    run: Run, evidence: Evidence, mirror: Mirror, review: Review, verdict: Verdict | None
) -> PullRequestText:
    """Everything that the pull request says; without a verdict it is a draft that waits for one."""
    facts = facts_of(run, evidence, mirror) | {"review": review, "verdict": verdict}
    about = {
        "evidence": _render("pull_request.md.j2", facts), "title": run.title, "repository": run.name,
        "campaign": run.options.campaign, "recipe": run.recipe, "branch": run.branch,
    }  # fmt: skip
    body = fill_body(run.options.pull_request.body, about, run.parameters)
    page = change_page(facts | {"question": None, "checks": (), "rule": None, "seconds": None}, mirror)
    return PullRequestText(run.title, body, page)


def facts_of(run: Run, evidence: Evidence, mirror: Mirror) -> dict[str, Any]:
    """What the templates of questions, pull requests and pages say of a run."""
    sites = read_sites(mirror, run.analysis_result)
    unresolved = [site for site in sites if site.status == "unresolved"]
    by_agent = sites_of("agent", run, mirror, unresolved)
    by_people = [site for site in sites_of("person", run, mirror, unresolved) if site not in by_agent]
    return {
        "run": run,
        "agent": run.agent,
        "distilled": recipe_of_run(run.recipe, run.parameters),
        "caveat": find_recipe(run.recipe).bind(run.parameters).caveat,
        "tool_log": tool_log(run),
        "with_calls": False,
        "agent_sites": by_agent,
        "plan": run.plan_result,
        "analysis": run.analysis_result,
        "evidence": evidence,
        "edited": run.edited,
        "sites": sites,
        "people": [batch for batch in run.edited.batches if batch.by == "person"] if run.edited else [],
        "people_sites": by_people,
        "unresolved_sites": [site for site in unresolved if site not in by_agent and site not in by_people],
        "proofs": _proofs(sites),
        "shown_sites": SHOWN_SITES,
        "made": _made(run),
        "again": _again(run),
        "base_log": _cite(evidence.baseline_log),
        "head_log": _cite(evidence.head_log) if evidence.head_log else "",
        "describe": describe_tests,
        "coverage": evidence.head.coverage if evidence.head else None,
        "impacted": _describe_impacted(evidence.head),
        "isolated": evidence.environment.provider != "process",
        "pictures": evidence.pictures,
        "pairs": evidence.pictures.pairs() if evidence.pictures else [],
    }


def sites_of(by: str, run: Run, mirror: Mirror, unresolved: Sequence[Site]) -> list[Site]:
    """The unresolved sites that the agent or a person has edited."""
    parent, found = run.base_commit, list[Site]()
    for batch in run.edited.batches if run.edited and unresolved else ():
        if batch.by == by:
            found += edited_sites(mirror, unresolved, run.base_commit, (parent, batch.commit))
        parent = batch.commit
    return [site for site in unresolved if site in found]


def tool_log(run: Run) -> Path | None:
    """Where it is kept what a tool that is not ours has said."""
    if not run.analysis_result.log:
        return None
    return Settings.from_environment().run_folder(run.id) / "logs" / "recipe.log"


def _again(run: Run) -> str:
    """The command that makes a run like this one."""
    if run.is_prompt:
        return shlex.join(["overhaul", "run", run.parameters["name"], run.name])
    leftovers = ["--leftovers", "PROMPT.md"] if run.options.leftovers else []
    words = find_recipe(run.recipe).bind(run.parameters).invocation
    return shlex.join(["overhaul", "run", *words, *leftovers, run.name])


def _made(run: Run) -> dict[str, int]:
    """The files and sites that the recipe has edited and that were kept.

    Besides: `all` files, the number of commits `by_agent`, and the files of `people`.
    """
    batches = run.edited.batches if run.edited else []
    kept = {path for batch in batches if batch.by == "recipe" for path in batch.files}
    return {
        "files": len(kept),
        "all": len({path for batch in batches for path in batch.files}),
        "by_agent": sum(batch.by == "agent" for batch in batches),
        "people": len({path for batch in batches if batch.by == "person" for path in batch.files}),
        "sites": sum(e["sites"] for e in run.analysis_result.edits if e["path"] in kept),
    }


def _proofs(sites: Sequence[Site]) -> list[tuple[str, int]]:
    """How many sites were proved in which way, most first."""
    tally: dict[str, int] = {}
    for site in sites:
        if site.status == "resolved":
            tally[site.reason] = tally.get(site.reason, 0) + 1
    return sorted(tally.items(), key=lambda row: (-row[1], row[0]))


def _why_incomplete(report: TestReport) -> str:
    return "" if report.complete else report.reason or report.status


def describe_tests(report: TestReport) -> str:
    """`219 passed, 2 failed, 1 skipped (in 2 parts, side by side)`, or that there are none."""
    words = [f"{count:,} {outcome}" for outcome, count in report.counts.items()]
    words += [f"{len(report.collection_errors)} files not collected"] if report.collection_errors else []
    # It may quote what the tests have printed.
    words += [f"the run broke: {as_code(_why_incomplete(report))}"] if not report.complete else []
    parts = f" (in {report.parts} parts, side by side)" if report.parts > 1 else ""
    return ", ".join(words) + parts if words else "no tests found"


def _describe_impacted(report: TestReport | None) -> str:
    """`Impacted tests: 12 passed of 12, which ran first`, or nothing."""
    if report is None or report.impacted is None:
        return ""
    impacted = report.impacted
    return f"Impacted tests: {impacted.passed:,} passed of {impacted.tests:,}, which ran first."


def _cite(log: Path) -> str:
    """The log and the line on which it ends: where a claim about a test run can be checked."""
    try:
        lines = log.read_bytes().rstrip().count(b"\n") + 1
    except OSError:
        return f"{log.name} (gone)"
    return f"{log.name}:{lines}"


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()


def _render(template: str, facts: dict[str, Any]) -> str:
    return visible(_markdown().get_template(template).render(facts))


@cache
def _markdown() -> Templates:
    templates = Templates(  # noqa: S701  (Markdown: what comes from a repository is shown as code, see `code`)
        loader=PackageLoader("overhaul.flows"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["code"] = as_code
    templates.filters["fenced"] = fenced
    return templates


def as_code(text: object) -> str:
    """Text from a repository as inline code that cannot end early: no link, image or mention comes out of it."""
    line = on_one_line(" ".join(str(text).split()))
    longest = max((len(ticks) for ticks in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def fenced(text: str, language: str = "") -> str:
    """Text from a repository as a block of code in Markdown, which nothing in it can end."""
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{visible(text)}\n{fence}"
