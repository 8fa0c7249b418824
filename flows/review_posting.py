"""Findings as comments on the lines of a pull request; the same finding is written once, however often it is posted."""

from __future__ import annotations

import hashlib

from overhaul.flows.errors import PublishError
from overhaul.flows.evidence import as_code
from overhaul.flows.forges.base import LineComment
from overhaul.flows.forges.choose import forge_of
from overhaul.flows.review_change import ReviewReport
from overhaul.refactors.review import Finding


def post(report: ReviewReport) -> int:
    """Write the findings to the pull request of the branch; return how many are new there. Raises PublishError."""
    target = report.target
    with forge_of(target.repository) as (forge, _):
        if not target.branch or forge.find(target.repository, target.branch) is None:
            raise PublishError(
                f"{target.title} has no pull request to comment on. Leave out --post, or name a pull request."
            )
        comments = [line_comment(finding) for finding in report.findings]
        return forge.comment_on_lines(target.repository, target.branch, target.head, comments)


def line_comment(finding: Finding) -> LineComment:
    """A finding as a comment. Its words may be a model's or a repository's: they are shown as code."""
    said = f"{finding.path}\n{finding.side}\n{finding.title}\n{finding.body}"
    proof = f"\n\nProof: {as_code(finding.proof)}" if finding.proof else ""
    body = f"**P{finding.priority}** {as_code(finding.title)}\n\n{as_code(finding.body)}{proof}\n\n— overhaul review"
    return LineComment(
        hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest(),
        finding.path, finding.first_line, finding.last_line, finding.side, body,
    )  # fmt: skip
