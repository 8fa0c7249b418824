"""Instances of a benchmark: a repository at a commit, what is to be done there, and how it is judged.

SWE-bench's own fields (https://www.swebench.com/SWE-bench/guides/datasets/), and for refactorings an instruction or a
recipe with a command that must exit 0. One JSON object a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from overhaul.flows.errors import BenchError
from overhaul.refactors.errors import did_you_mean

SHOWN_ERRORS = 5
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")

TASK = """{statement}

---

This is an issue of the repository that you work in. Resolve it by editing its source. Tests that are not here will show
whether it is resolved, and what works now is to work then.
"""


@dataclass(frozen=True, slots=True)
class Instance:
    """One task. `task` is what a model is told, "" where a `recipe` does it.

    `gold` is the change that resolves it, where it is known. `test_patch` adds the tests that judge: those of
    `fail_to_pass` have to pass, none of `pass_to_pass` may fail; `check` is a command that must exit 0.
    Nothing of all this may reach a model.
    """

    id: str
    repo: str
    base_commit: str
    task: str
    recipe: str
    parameters: dict[str, Any]
    packages: tuple[str, ...]
    gold: str | None
    test_patch: str
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    check: str

    @property
    def digest(self) -> str:
        """Tells it from another one of the same name."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _listed(value: Any) -> Any:
    """The official data sets have lists of tests as strings of JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("it is neither a list nor a list written as JSON") from None


Tests = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Form(BaseModel):
    """One line as it is written; what else it has (hints, version, dates) is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    instance_id: str
    repo: str = Field(min_length=1)
    base_commit: str = Field(pattern=r"^[0-9a-f]{7,64}$")
    problem_statement: str | None = None
    instruction: str | None = None
    recipe: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    packages: tuple[str, ...] = ()
    patch: str | None = None
    test_patch: str | None = None
    FAIL_TO_PASS: Tests = ()
    PASS_TO_PASS: Tests = ()
    check: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> _Form:
        if not _ID.fullmatch(self.instance_id):
            raise ValueError(
                "instance_id: letters, digits, '.', '_' and '-', up to 150: it names files of the results"
            )
        given = [name for name in ("problem_statement", "instruction", "recipe") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(
                "one of problem_statement, instruction and recipe says what is to be done;"
                f" {' and '.join(given) or 'none'} is there"
            )
        if not self.FAIL_TO_PASS and not (self.check or "").strip():
            raise ValueError("FAIL_TO_PASS or check: without one of them nothing can be judged")
        if self.parameters and not self.recipe:
            raise ValueError("parameters: they are a recipe's, and there is none")
        return self

    def instance(self) -> Instance:
        statement = (self.problem_statement or "").strip()
        return Instance(
            id=self.instance_id,
            repo=self.repo,
            base_commit=self.base_commit,
            task=TASK.format(statement=statement) if statement else (self.instruction or "").strip(),
            recipe=self.recipe or "",
            parameters=self.parameters,
            packages=self.packages,
            gold=self.patch,
            test_patch=self.test_patch or "",
            fail_to_pass=self.FAIL_TO_PASS,
            pass_to_pass=self.PASS_TO_PASS,
            check=(self.check or "").strip(),
        )


def read_instances(path: Path) -> list[Instance]:
    """Read all instances of a file. Raises BenchError, which names the line and the field of each mistake."""
    found: dict[str, Instance] = {}
    mistakes: list[str] = []
    for number, line in read_lines(path):
        try:
            instance = _Form.model_validate(line).instance()
        except ValidationError as error:
            mistakes.append(f"{path}:{number}: {_first(error)}")
            continue
        if instance.id in found:
            mistakes.append(f"{path}:{number}: instance_id: '{instance.id}' stands on an earlier line too")
        found[instance.id] = instance
    if mistakes:
        more = len(mistakes) - SHOWN_ERRORS
        rest = [f"and {more} more lines"] if more > 0 else []
        raise BenchError("\n".join([*mistakes[:SHOWN_ERRORS], *rest, "What a line holds: docs/bench.md"]))
    if not found:
        raise BenchError(f"{path} holds no instance; it takes one JSON object a line (docs/bench.md).")
    return list(found.values())


def choose_instances(instances: Sequence[Instance], ids: Sequence[str], limit: int | None) -> list[Instance]:
    """Those with these ids, or all, and of them the first few. Raises BenchError for an id that is not there."""
    known = {each.id: each for each in instances}
    for wanted in ids:
        if wanted not in known:
            raise BenchError(f"there is no instance '{wanted}'.{did_you_mean(wanted, known)}")
    chosen = [known[each] for each in dict.fromkeys(ids)] if ids else list(instances)
    return chosen[:limit]


def read_lines(path: Path) -> list[tuple[int, Any]]:
    """The JSON values of a file with one a line, with their line numbers. Raises BenchError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise BenchError(f"{path} cannot be read: {why}.") from error
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found.append((number, json.loads(line)))
        except ValueError as error:
            raise BenchError(
                f"{path}:{number}: this is no JSON: {error}. It takes one object a line."
            ) from error
    return found


def _first(error: ValidationError) -> str:
    """`FIELD: what is wrong`."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    said = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"]
    words = {
        "missing": "it is missing",
        "model_type": "the line is no JSON object",
        "string_pattern_mismatch": f"'{str(first['input'])[:60]}' is no commit: 7 to 64 digits of 0-9a-f",
    }
    told = words.get(first["type"], said)
    return f"{field}: {told}" if field else told
