"""The command that runs a repository's tests, told from its files: which framework, with what, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from overhaul.sandbox.django_tests import find_django
from overhaul.sandbox.frameworks import SKIPPED_FOLDERS, Framework, detect_framework


@dataclass(frozen=True, slots=True)
class TestCommand:
    """`arguments` are the framework's own (Django: a script or `-m MODULE` first); `folder` is one of the tree.

    `source` is the file that says so, or "" where nothing does.
    """

    __test__ = False

    framework: Framework
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    source: str = ""


def find_test_command(folder: Path, framework: Framework | None = None) -> TestCommand:
    """The command for the tests of the tree in `folder`; `framework` is told from its files if it is not given."""
    framework = framework or detect_framework(folder)
    django = find_django(folder, SKIPPED_FOLDERS) if framework == "django" else None
    if django is None:
        return TestCommand(framework)
    return TestCommand(framework, django.arguments, django.variables, django.folder)
