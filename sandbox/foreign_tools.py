"""Tools that edit code and are not ours, each pinned with all that it needs, in an environment of their own.

Nothing is ever installed into a project's environment, and a tool has no network when it runs.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from overhaul.sandbox.interpreter import OWN
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Environment, Provider

_TOKENIZE = "tokenize-rt==6.2.0"
_PINS = {
    "ast-grep-cli": ("0.51.1", ()),
    "django-upgrade": ("1.33.0", (_TOKENIZE,)),
    "fixit": (
        "2.2.1",
        (
            "click==8.1.8", "libcst==1.9.0", "moreorless==0.6.0", "packaging==26.4", "pathspec==1.1.1", "pyyaml==6.0.4",
            "trailrunner==1.4.0",
        ),
    ),
    "pyupgrade": ("3.22.0", (_TOKENIZE,)),
    "ruff": ("0.17.6", ()),
}  # fmt: skip
_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[A-Za-z0-9._,-]+\])?==[A-Za-z0-9][A-Za-z0-9._+!-]*")


def pinned_version(tool: str) -> str:
    """The version of a tool that is used where nobody asks for another."""
    return _PINS[tool][0]


def tool_requirements(tool: str, version: str) -> tuple[str, ...]:
    """A tool in one version, and what it needs: pinned too, where the version is ours."""
    ours, needs = _PINS[tool]
    return (f"{tool}=={version}", *(needs if version == ours else ()))


def is_pinned(requirement: str) -> bool:
    """Whether a requirement names one version, and no address or path."""
    return _PINNED.fullmatch(requirement) is not None


def tool_environment(provider: Provider, requirements: Sequence[str], log: Path) -> Environment:
    """An environment with these packages alone; made once for each tier. Raises EnvironmentFailed."""
    steps = [
        Step(
            "create",
            ("{uv}", "venv", "--no-project", "--python", "{interpreter}", "{environment}/venv"),
            "an environment of its own",
        )
    ]
    if requirements:
        install = ("{uv}", "pip", "install", "--python", "{python}", "--compile-bytecode")
        steps.append(Step("install", (*install, *requirements), "the tools"))
    plan = EnvironmentPlan(project="tools", python=OWN, framework="none", steps=tuple(steps))
    with tempfile.TemporaryDirectory() as nothing:
        return provider.prepare(plan, Path(nothing), log)
