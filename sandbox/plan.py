"""What an environment is made of, as data: steps, the files that they came from, and one fingerprint over both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

# Part of each fingerprint: raised when the same plan would be built into something else.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the setup and why it is there.

    Placeholders in `arguments`: {uv}, {interpreter} (what the environment is made from), {python} (the environment's
    own), {environment}, {source} (a copy of the tree), {files} (the plan's generated files), {tools}.
    A step that is not `required` may fail: its `reason` then says in the log what goes without.
    """

    name: str
    arguments: tuple[str, ...]
    reason: str
    required: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


def install_beside(name: str, folder: str, requirement: str, reason: str) -> Step:
    """Put a package into a folder of ours beside the environment: the project may have its own, or none."""
    install = ("{uv}", "pip", "install", "--python", "{python}", "--no-deps")
    return Step(
        name, (*install, "--target", f"{{environment}}/{folder}", requirement), reason, required=False
    )


@dataclass(frozen=True, slots=True)
class EnvironmentPlan:
    """What a repository needs to run its tests.

    `inputs` maps each file that was read (or that a step reads) to its hash; `files` are generated ones.
    `interpreter` is set only for an interpreter of the user's own, in which nothing is installed.
    `system_packages` are Debian's, for the tiers that can install them. `maintenance` is the path of a script that
    brings an environment that is kept up to date; it decides nothing about what is made at first.
    """

    project: str
    python: str
    framework: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    reasons: tuple[str, ...] = ()
    interpreter: str | None = None
    system_packages: tuple[str, ...] = ()
    maintenance: str | None = None

    @property
    def fingerprint(self) -> str:
        """A hash over exactly what decides the result: reasons are words about it and do not count."""
        deciding = {
            "format": FORMAT,
            "python": self.python,
            "interpreter": self.interpreter,
            "inputs": dict(self.inputs),
            "files": dict(self.files),
            "system packages": list(self.system_packages),
            "steps": [
                [step.name, step.arguments, step.required, dict(step.environment)] for step in self.steps
            ],
        }
        return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:24]

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"fingerprint": self.fingerprint}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        values = {name: value for name, value in data.items() if name != "fingerprint"}
        values["steps"] = tuple(
            Step(**(step | {"arguments": tuple(step["arguments"])})) for step in values.get("steps", ())
        )
        for name in ("reasons", "system_packages"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
