"""A LibCST codemod that nobody trusts, run over Python files in the sandbox: files go in, changed contents come back.

It never runs without isolation, whatever tier a repository's own tests may use.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from overhaul.sandbox.errors import NoSandbox
from overhaul.sandbox.harvest import harvest, stamp
from overhaul.sandbox.honest_paths import why_unusable
from overhaul.sandbox.interpreter import OWN
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Command, Environment, Limits, Provider, Workspace

SUFFIXES = (".py", ".pyi")
LIMITS = Limits(wall_seconds=1800.0)


@dataclass(frozen=True, slots=True)
class CodemodPass:
    """What one pass over the files gave.

    `contents` are the files that it changed, `others` the paths that it made, removed or made too large; `failures`
    and `warnings` are its own words, by path. `error` says why it could not run at all.
    """

    contents: Mapping[str, bytes]
    others: tuple[str, ...]
    failures: Mapping[str, str]
    warnings: Mapping[str, tuple[str, ...]]
    error: str


def codemod_environment(provider: Provider, log: Path) -> Environment:
    """An environment with LibCST alone, in the version that is installed here; made once for each tier.

    Raises NoSandbox where the tier does not isolate, and EnvironmentFailed.
    """
    if not provider.isolates:
        raise NoSandbox(
            f"a recipe that a model wrote never runs in sandbox '{provider.name}', which does not isolate."
            " Use docker, bubblewrap or landlock; see: overhaul doctor"
        )
    install = ("{uv}", "pip", "install", "--python", "{python}", "--compile-bytecode")
    plan = EnvironmentPlan(
        project="distilled-recipes",
        python=OWN,
        framework="none",
        steps=(
            Step(
                "create",
                ("{uv}", "venv", "--no-project", "--python", "{interpreter}", "{environment}/venv"),
                "an environment of its own",
            ),
            Step("install", (*install, f"libcst=={version('libcst')}"), "what codemods are written with"),
        ),
    )
    with tempfile.TemporaryDirectory() as nothing:
        return provider.prepare(plan, Path(nothing), log)


def run_codemod(
    provider: Provider, environment: Environment, codemod: str, files: Mapping[str, bytes], passes: int = 1
) -> list[CodemodPass]:
    """Run the source of a codemod over files by path, and over what became of them; not again once it has failed.

    Raises SandboxLost.
    """
    left_out = {path: reason for path in files if (reason := why_unusable(path))}
    known = {path: content for path, content in files.items() if path not in left_out}
    with tempfile.TemporaryDirectory() as scratch:
        tree, beside = Path(scratch, "tree"), Path(scratch, "codemod")
        tree.mkdir()
        for path, content in known.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(content)
        beside.mkdir()
        (beside / "codemod.py").write_text(codemod, encoding="utf-8")
        done: list[CodemodPass] = []
        with provider.open(tree, environment, {"codemod": beside}) as workspace:
            for _ in range(passes):
                done.append(_pass(workspace, known, left_out))
                if done[-1].error:
                    break
                known = {**known, **done[-1].contents}
    return done


def _pass(workspace: Workspace, known: Mapping[str, bytes], left_out: Mapping[str, str]) -> CodemodPass:
    since = stamp(workspace)
    script, codemod = f"{workspace.tools}/run_codemod.py", f"{workspace.root}/../beside/codemod/codemod.py"
    outcome = workspace.run(Command(("{python}", "-I", script, codemod), limits=LIMITS))
    found = harvest(workspace, since, known, {})
    changed = {path: new for path, new in found.contents.items() if new != known.get(path)}
    said = _last_line(outcome.output)
    error = _text(said.get("error"))
    if not said or outcome.exit_code != 0:
        tail = outcome.output.decode(errors="replace").strip()[-1000:]
        error = f"it did not come to its end ({outcome.status}, exit code {outcome.exit_code}): {tail}"
    return CodemodPass(
        contents={path: new for path, new in changed.items() if path in known},
        others=tuple(sorted({*(set(changed) - set(known)), *found.gone, *found.left_out})),
        failures={
            **{path: _text(why) for path, why in _table(said, "failures") if path in known},
            **left_out,
        },
        warnings={
            path: tuple(_text(each) for each in many)
            for path, many in _table(said, "warnings")
            if path in known and isinstance(many, list)
        },
        error=error,
    )


def _last_line(output: bytes) -> dict[str, Any]:
    try:
        said = json.loads(output.strip().rpartition(b"\n")[2])
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _table(said: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    table = said.get(name)
    return list(table.items()) if isinstance(table, dict) else []


def _text(value: Any) -> str:
    """A word of the codemod's, short and without halves of characters."""
    return str(value or "")[:1000].encode(errors="backslashreplace").decode()
