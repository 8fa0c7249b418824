"""A pytest plugin that writes down what rope's own tests refactor: it runs in rope's suite, not in ours.

`pytest -p rope_recorder` with `ROPE_RECORDING` set to the JSON file to write (`rope_suite.py` says what is in it).
It needs nothing of this project.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# The classes behind every refactoring that rope has: made with a place, asked for changes with arguments.
CLASSES = {
    "rope.refactor.rename": ["Rename", "ChangeOccurrences"],
    "rope.refactor.move": ["MoveMethod", "MoveGlobal", "MoveModule"],
    "rope.refactor.change_signature": ["ChangeSignature"],
    "rope.refactor.inline": ["InlineMethod", "InlineVariable", "InlineParameter"],
    "rope.refactor.extract": ["ExtractMethod", "ExtractVariable"],
    "rope.refactor.restructure": ["Restructure"],
    "rope.refactor.usefunction": ["UseFunction"],
    "rope.refactor.introduce_factory": ["IntroduceFactory"],
    "rope.refactor.introduce_parameter": ["IntroduceParameter"],
    "rope.refactor.encapsulate_field": ["EncapsulateField"],
    "rope.refactor.localtofield": ["LocalToField"],
    "rope.refactor.method_object": ["MethodObject"],
    "rope.refactor.topackage": ["ModuleToPackage"],
}
# Functions that choose one of the classes: they may refuse before there is an object.
MAKERS = {"rope.refactor.move": ["create_move"], "rope.refactor.inline": ["create_inline"]}
# What the constructors take as `*args`.
PLACE = ("project", "resource", "offset", "end_offset")

Step = dict[str, Any]


class Recorder:
    """The refactorings of one run of the suite, in order, as plain data."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.test = ""
        self.inside = False  # a refactoring that another one uses is not written down
        self.made: dict[int, tuple[Step, Any]] = {}
        self.asked: dict[int, tuple[Step, Any]] = {}
        self.kept: list[Any] = []  # objects of the running test, so that no id is used twice

    def start(self, test: str) -> None:
        self.test, self.inside = test, False
        for each in (self.made, self.asked, self.kept):
            each.clear()

    @contextmanager
    def outermost(self, step: Step) -> Iterator[None]:
        self.inside = True
        try:
            yield
        except Exception as error:
            step["error"] = {"type": type(error).__name__, "message": str(error)}
            if step not in self.steps:
                self.steps.append(step)
            raise
        finally:
            self.inside = False

    def place(self, refactoring: str, values: dict[str, Any]) -> Step:
        """Return the step of an object at a place of a project."""
        project, resource = values["project"], values.get("resource")
        return {
            "test": self.test,
            "refactoring": refactoring,
            # A refactoring over two projects starts in a file that the second one does not have.
            "resource": resource.path
            if resource is not None and not Path(resource.path).is_absolute()
            else None,
            "place": {key: plain(each) for key, each in values.items() if key not in ("project", "resource")},
            "arguments": {},
            "before": files(project),
            "after": None,
            "error": None,
            "assertions": [],
            "outcome": "",
        }

    def finish(self, outcome: str) -> None:
        for step in self.steps:
            if step["test"] == self.test:
                step["outcome"] = outcome


RECORDER = Recorder()


def files(project: Any) -> dict[str, str]:
    """Return a project's files by path; bytes that are not UTF-8 become lone surrogates (`surrogateescape`)."""
    root = Path(project.address)
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode("utf-8", "surrogateescape")
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".ropeproject", "__pycache__"} & set(path.parts)
    }


def plain(value: Any) -> Any:
    """Return an argument as JSON: a file by its path, a changer of a signature by its class and fields."""
    from rope.base.resources import Resource

    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Resource):
        return {"resource": value.path, "folder": value.is_folder()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if type(value).__module__.startswith("rope.refactor."):
        return {type(value).__name__: {key: plain(each) for key, each in vars(value).items()}}
    return {"python": repr(value)}


def arguments(function: Any, given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a method by name, without self and the task handle, `**kwds` unfolded."""
    signature = inspect.signature(function)
    values: dict[str, Any] = {}
    for name, value in list(signature.bind(None, *given, **named).arguments.items())[1:]:
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            values.update(zip(PLACE, value, strict=False))
        elif kind is inspect.Parameter.VAR_KEYWORD:
            values.update(value)
        elif name != "task_handle":
            values[name] = value
    return values


def wrap_class(cls: Any) -> None:
    """Write down where objects of a class are made and what they are asked for."""
    make, change = cls.__init__, cls.get_changes

    @functools.wraps(make)
    def record_place(self: Any, *given: Any, **named: Any) -> None:
        if RECORDER.inside:
            make(self, *given, **named)
            return
        values = arguments(make, given, named)
        step = RECORDER.place(type(self).__name__, values)
        RECORDER.made[id(self)] = (step, values["project"])
        RECORDER.kept.append(self)
        with RECORDER.outermost(step):
            make(self, *given, **named)

    @functools.wraps(change)
    def record_changes(self: Any, *given: Any, **named: Any) -> Any:
        if RECORDER.inside or id(self) not in RECORDER.made:
            return change(self, *given, **named)
        made, project = RECORDER.made[id(self)]
        values = {key: plain(value) for key, value in arguments(change, given, named).items()}
        step = {**made, "before": files(project), "arguments": values, "assertions": []}
        RECORDER.steps.append(step)
        with RECORDER.outermost(step):
            changes = change(self, *given, **named)
        RECORDER.asked[id(changes)] = (step, project)
        RECORDER.kept.append(changes)
        return changes

    cls.__init__, cls.get_changes = record_place, record_changes


def wrap_maker(module: Any, name: str) -> None:
    """Write down a refusal to make any object; what is made writes itself down."""
    function = getattr(module, name)

    @functools.wraps(function)
    def record_refusal(project: Any, resource: Any, offset: Any = None) -> Any:
        known = len(RECORDER.steps)
        try:
            return function(project, resource, offset)
        except Exception as error:
            if len(RECORDER.steps) == known:
                step = RECORDER.place(name, {"project": project, "resource": resource, "offset": offset})
                step["error"] = {"type": type(error).__name__, "message": str(error)}
                RECORDER.steps.append(step)
            raise

    setattr(module, name, record_refusal)


def wrap_change_set() -> None:
    """Write down the files after the changes of a refactoring are done."""
    from rope.base.change import ChangeSet

    do = ChangeSet.do

    @functools.wraps(do)
    def record_files(self: Any, *given: Any, **named: Any) -> None:
        do(self, *given, **named)
        if id(self) in RECORDER.asked:
            step, project = RECORDER.asked[id(self)]
            step["after"] = files(project)

    ChangeSet.do = record_files


def wrap_assertions() -> None:
    """Write down the texts that a test compares after a refactoring: what it expects, whatever rope gives."""
    compare = unittest.TestCase.assertEqual

    @functools.wraps(compare)
    def record_texts(self: Any, first: Any, second: Any, msg: Any = None) -> None:
        last = RECORDER.steps[-1] if RECORDER.steps else None
        if last and last["test"] == RECORDER.test and isinstance(first, str) and isinstance(second, str):
            last["assertions"].append([first, second])
        compare(self, first, second, msg)

    unittest.TestCase.assertEqual = record_texts


def pytest_configure() -> None:
    for name, classes in CLASSES.items():
        for each in classes:
            wrap_class(getattr(importlib.import_module(name), each))
    for name, makers in MAKERS.items():
        for each in makers:
            wrap_maker(importlib.import_module(name), each)
    wrap_change_set()
    wrap_assertions()


def pytest_runtest_logstart(nodeid: str) -> None:
    RECORDER.start(nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.outcome != "passed":
        RECORDER.finish("xfailed" if hasattr(report, "wasxfail") else report.outcome)


def pytest_sessionfinish() -> None:
    Path(os.environ["ROPE_RECORDING"]).write_text(json.dumps(RECORDER.steps, indent=1), "utf-8")
