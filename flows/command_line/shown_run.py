"""One run, printed: what became of it, what a model did, its steps, decisions and commits."""

from __future__ import annotations

from typing import Any

import click

from overhaul.flows.command_line.output import plural
from overhaul.flows.command_line.tables import add_row, make_table, print_table, styled, tests_passed
from overhaul.flows.plain_text import on_one_line, visible


def print_run(shown: dict[str, Any], page: str) -> None:
    """Print a run as `describe` gives it; `page` is the address of its page, if there is one."""
    click.echo(f"{click.style(shown['name'], bold=True)}  {shown['run_id']}")
    rows = [
        ("status", shown["status"]), ("repository", shown["repository"]), ("campaign", shown["campaign"]),
        ("recipe", _recipe(shown)), ("branch", shown["branch"]), ("head", shown["head"]),
        ("edits", f"{plural(shown['edits'], 'file')}, {plural(shown['unresolved'], 'unresolved site')}"),
        ("tests passed", tests_passed(shown["tests"])), ("pull request", shown["pull_request"]),
        ("page", page), ("says", shown["message"]),
    ]  # fmt: skip
    for name, value in rows:
        if value:
            click.echo(f"  {name.ljust(13)} {on_one_line(str(value))}")
    if shown["agent"]:
        _print_agent(shown["agent"])
    table = make_table("step", "status", "attempts", "seconds")
    for step in _without_agent_steps(shown["steps"]):
        add_row(table, step["name"], styled(step["status"]), str(step["attempts"]), f"{step['seconds']:.1f}")
    print_table(table)
    for gate in shown["gates"]:
        waits = gate is shown["gates"][-1] and shown["status"] == "waiting"
        unanswered = "; ".join(["waits", *gate["notes"]]) if waits else "not answered; asked again, or ended"
        decision = f"commit {gate['commit'][:12]} handed back" if gate["commit"] else gate["decision"]
        decided = f"{decision} by {gate['approver'] or 'somebody'}" if gate["decision"] else unanswered
        comment = f": {gate['comment']}" if gate["comment"] else ""
        click.echo(f"  gate {gate['gate']}: {on_one_line(decided + comment)}")
    for batch in shown["batches"]:
        files, tests = plural(len(batch["files"]), "file"), tests_passed(batch["tests"])
        by = {"agent": " by a model", "person": f" by {on_one_line(batch['author'])}"}.get(batch["by"], "")
        click.echo(f"  commit {batch['commit'][:12]}{by}: {files}, tests {tests}")
    by_people = {path for gate in shown["gates"] for path in gate["set_aside"]}
    for path in shown["set_aside"]:
        why = "left out by a person" if path in by_people else "its edit breaks tests"
        click.echo(f"  set aside, {why}: {on_one_line(path)}")
    for failed in shown.get("failed_checks", ()):
        click.echo(f"  {on_one_line(failed['says'])}")
    if record := shown.get("pull_request_record"):
        heading = click.style(on_one_line(record["title"]), bold=True)
        click.echo(f"\n{heading}  #{record['number']} ({record['state']})\n\n{visible(record['body'])}")


def _recipe(shown: dict[str, Any]) -> str:
    if shown["recipe"] == "prompt":
        return f"the prompt {shown['parameters']['name']}"
    if shown["recipe"] == "composite":
        values = "".join(f" {each}" for each in shown["parameters"]["values"])
        return f"the composite {shown['parameters']['name']}{values}"
    return f"{shown['recipe']} {shown['parameters']}"


def _without_agent_steps(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps with those of the agent as one row; they have a record of their own."""
    rows: list[dict[str, Any]] = []
    together: dict[str, Any] | None = None
    for step in steps:
        if not step["name"].startswith(("agent ask/", "agent begun/", "agent call/")):
            rows.append(step)
        elif together is None:
            together = {**step, "name": "agent: 1 step"}
            count = 1
            rows.append(together)
        else:
            count += 1
            together["name"] = f"agent: {count} steps"
            together["seconds"] += step["seconds"]
            together["attempts"] = max(together["attempts"], step["attempts"])
            if together["status"] in {"completed", "cached"}:
                together["status"] = step["status"]
    return rows


def _print_agent(agent: dict[str, Any]) -> None:
    tokens = agent["tokens"]
    used = f"{tokens.get('input', 0) + tokens.get('output', 0):,} tokens ({tokens.get('cached', 0):,} cached)"
    money = "" if agent["dollars"] is None else f", ${agent['dollars']:.4f}"
    stopped = agent["status"] not in {"done", "working"}
    status = f"stopped before it was done: {agent['status']}" if stopped else agent["status"]
    lines = [f"{agent['model']}: {status}, {plural(agent['steps'], 'step')}, {used}{money}"]
    lines += [f"says: {agent['message']}"] if agent["message"] else []
    if agent["sites"]:
        lines.append(f"edited {agent['sites_edited']} of {plural(agent['sites'], 'unproved site')}")
    if agent["broken"]:
        lines.append(f"left out, because tests break: {', '.join(agent['broken'])}")
    lines.append(f"all that was said and done: {agent['log']}")
    for name, line in zip(["model", *[""] * len(lines)], lines, strict=False):
        click.echo(f"  {name.ljust(13)} {on_one_line(line)}")
    marks = {"completed": "[x]", "in_progress": "[>]", "pending": "[ ]"}
    for todo in agent["todos"]:
        click.echo(f"  {''.ljust(13)} {marks.get(todo['status'], '[ ]')} {on_one_line(todo['step'])}")
