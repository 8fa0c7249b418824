"""All results of a benchmark as one document, as a line, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from overhaul.flows.bench_results import InstanceResult
from overhaul.flows.evidence import as_code

COLUMNS = (
    "instance", "result", "fail to pass", "pass to pass", "tokens", "dollars", "seconds", "steps", "reason",
)  # fmt: skip
TOKENS = ("input", "cached", "output", "reasoning")


def row_of(result: InstanceResult) -> tuple[str, ...]:
    """The cells of `COLUMNS`."""
    spent = result.spent
    tokens = spent.tokens.get("input", 0) + spent.tokens.get("output", 0)
    return (
        result.instance_id, result.verdict, str(result.fail_to_pass), str(result.pass_to_pass), f"{tokens:,}",
        "" if spent.dollars is None else f"{spent.dollars:.4f}", f"{spent.seconds:.1f}", str(spent.steps),
        result.reason,
    )  # fmt: skip


def summary(name: str, model: str, results: Sequence[InstanceResult]) -> dict[str, Any]:
    """All results as one document; counts and ids have the names of SWE-bench's own report."""
    ids = {
        verdict: [each.instance_id for each in results if each.verdict == verdict]
        for verdict in ("resolved", "not resolved", "error")
    }
    dollars = [each.spent.dollars for each in results if each.spent.dollars is not None]
    return {
        "name": name,
        "model": model,
        "total_instances": len(results),
        "resolved_instances": len(ids["resolved"]),
        "unresolved_instances": len(ids["not resolved"]),
        "error_instances": len(ids["error"]),
        "resolved_percent": round(100 * len(ids["resolved"]) / len(results), 1) if results else 0.0,
        "resolved_ids": ids["resolved"],
        "unresolved_ids": ids["not resolved"],
        "error_ids": ids["error"],
        "tokens": {kind: sum(each.spent.tokens.get(kind, 0) for each in results) for kind in TOKENS},
        "dollars": round(sum(dollars), 4) if dollars else None,
        "seconds": round(sum(each.spent.seconds for each in results), 1),
        "steps": sum(each.spent.steps for each in results),
        "results": [asdict(each) for each in results],
    }


def total_line(found: dict[str, Any]) -> str:
    """`3 of 5 resolved (60.0 %), 1 not resolved, 1 error; 4,310 tokens in (1,200 cached), 300 out, 0.0123 dollars`."""
    tokens, errors = found["tokens"], found["error_instances"]
    line = (
        f"{found['resolved_instances']} of {found['total_instances']} resolved ({found['resolved_percent']} %),"
        f" {found['unresolved_instances']} not resolved, {errors} error{'' if errors == 1 else 's'}"
    )
    if not (tokens["input"] or tokens["output"]):
        return line
    dollars = "" if found["dollars"] is None else f", {found['dollars']:.4f} dollars"
    cached = f"{tokens['input']:,} tokens in ({tokens['cached']:,} cached)"
    return f"{line}; {cached}, {tokens['output']:,} out{dollars}"


def as_markdown(found: dict[str, Any], results: Sequence[InstanceResult]) -> str:
    """The table as a page; what comes from a repository or a model is shown as code."""
    lines = [f"# {as_code(found['name'])}", "", f"{as_code(found['model'])}: {total_line(found)}", ""]
    lines += [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for result in results:
        name, *cells, reason = row_of(result)
        # A bar would end the cell even within code.
        told = as_code(reason.replace("|", "\u00a6")) if reason else ""
        lines.append(f"| {' | '.join([as_code(name), *cells, told])} |")
    return "\n".join(lines) + "\n"
