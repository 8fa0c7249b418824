"""One review: rules, a model if there is one, the tests that findings carry, and what of it is shown."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from overhaul.flows.changed_sides import changed_sides
from overhaul.flows.options import RunOptions
from overhaul.flows.progress import tell
from overhaul.flows.providers import has_model, model_of
from overhaul.flows.review_model import ModelReview, review_with
from overhaul.flows.review_proof import Proving, prove
from overhaul.flows.review_rules import trees_of
from overhaul.flows.review_target import ReviewTarget
from overhaul.flows.run_lock import working_on
from overhaul.flows.settings import Settings
from overhaul.flows.views.patch import FilePatch, read_patch
from overhaul.refactors.agent.limits import Limits
from overhaul.refactors.errors import ModelError
from overhaul.refactors.index import Index
from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.rules import proved_findings
from overhaul.refactors.reviewing.selection import select
from overhaul.refactors.reviewing.trees import Trees

SHOWN_LINES = 3
BLOCKING = 1


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """How a review is done. `confidence`: below it a claim that nothing proves is left out. `run` is for the tests."""

    confidence: float = 0.7
    with_model: bool = True
    with_tests: bool = True
    is_fresh: bool = False
    limits: Limits = field(default_factory=lambda: Limits(steps=40, seconds=900.0, tokens=300_000))
    run: RunOptions = field(default_factory=RunOptions)


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with the lines it is about, as (number, text)."""

    finding: Finding
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """What came of a review; `model` is None if none was asked, `left_out` counts findings by the reason."""

    target: ReviewTarget
    files: int
    shown: tuple[Shown, ...]
    left_out: Counter[str]
    model: ModelReview | None

    @property
    def findings(self) -> list[Finding]:
        return [each.finding for each in self.shown]

    @property
    def is_complete(self) -> bool:
        """Whether everything that was to review has done so."""
        return self.model is None or self.model.status == "done"

    def to_json(self) -> dict[str, Any]:
        """Return Codex's schema with what we know besides. What is correct is said by findings, never by a model."""
        source = self.target.repository
        folder = source if Path(source).is_dir() else ""
        blocking = [each.confidence_score for each in self.findings if each.priority <= BLOCKING]
        asked = self.model if self.model and self.is_complete else None
        who = "rules and a model" if asked else "rules"
        count = len(self.shown)
        return {
            "repository": source,
            "reviewed": self.target.title,
            "base": self.target.base,
            "head": self.target.head,
            "branch": self.target.branch or None,
            "files": self.files,
            "findings": [
                {**each.finding.to_json(folder), "lines": [text for _, text in each.lines]} for each in self.shown
            ],
            "overall_correctness": "patch is incorrect" if blocking else "patch is correct",
            "overall_explanation": f"{count} {'finding' if count == 1 else 'findings'} by {who} in {self.files} files.",
            "overall_confidence_score": max(blocking, default=asked.confidence if asked else 0.5),
            "left_out": dict(sorted(self.left_out.items())),
            "model": self.model.to_json() if self.model else None,
        }  # fmt: skip


def review_change(target: ReviewTarget, options: ReviewOptions, settings: Settings) -> ReviewReport:
    """Review a change. Asked again about the same commits, it pays for nothing twice. Raises BusyRun, NoModel."""
    name = f"review-{hashlib.sha256(f'{target.base} {target.head}'.encode()).hexdigest()[:12]}"
    folder = settings.run_folder(name)
    files = read_patch(target.mirror.diff(target.base, target.head))
    with working_on(name, settings), _trees(target, files) as (trees, index):
        if options.is_fresh:
            for what in ("model", "proofs"):
                shutil.rmtree(folder / what, ignore_errors=True)
        tell("applying the rules")
        found = proved_findings(trees) if files else []
        model = None
        if files and options.with_model and has_model(settings):
            model = _ask(
                trees, files, found, index, options.limits, settings=settings, kept_in=folder / "model"
            )
            found += model.findings
        proving = Proving(options.run, folder) if options.with_tests else None
        kept, left_out = select(prove(found, target, proving), options.confidence)
        left_out += model.dropped if model else Counter()
        shown = tuple(Shown(each, _lines_of(trees, each)) for each in kept)
    return ReviewReport(target, len(files), shown, left_out, model)


def _trees(target: ReviewTarget, files: list[FilePatch]) -> Any:
    return trees_of(target.mirror, target.base, target.head, changed_sides(files))


def _ask(
    trees: Trees, files: Sequence[FilePatch], proved: Sequence[Finding], index: Index, limits: Limits,
    *, settings: Settings, kept_in: Path,
) -> ModelReview:  # fmt: skip
    """Ask the configured model; that it cannot be reached leaves what the rules have found."""
    tell("asking the model")
    try:
        model = model_of(settings)
    except ModelError as error:
        return ModelReview("", "model failed", str(error))
    return review_with(model, trees, files, proved, index, limits=limits, kept_in=kept_in)


def _lines_of(trees: Trees, finding: Finding) -> tuple[tuple[int, str], ...]:
    tree = (trees.head if finding.side == "head" else trees.base).tree
    try:
        text = tree.read(finding.path).decode(errors="replace").split("\n")
    except FileNotFoundError:
        return ()
    last = min(finding.last_line, finding.first_line + SHOWN_LINES - 1, len(text))
    return tuple((number, text[number - 1].rstrip("\r")) for number in range(finding.first_line, last + 1))
