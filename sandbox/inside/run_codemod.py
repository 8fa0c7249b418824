"""Runs a LibCST codemod over the Python files below the present folder, in place; its last line says how that went.

The argument is the codemod's file. Nobody trusts it: what it prints, and what this then says of it, are only words.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from typing import Any

import libcst
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile

SUFFIXES = (".py", ".pyi")
LONGEST = 300
AT_MOST = 500


def main() -> None:
    """Transform all files; one that fails stays as it is."""
    failures: dict[str, str] = {}
    warnings: dict[str, list[str]] = {}
    error = ""
    try:
        command = load(sys.argv[1])
    except Exception as raised:
        error = words(raised)
    else:
        for path in python_files():
            context = CodemodContext(filename=path)
            try:
                transform(command, context, path)
            except Exception as raised:
                failures[path] = words(raised)
            if context.warnings:
                warnings[path] = [str(each)[:LONGEST] for each in context.warnings[:20]]
    said = {
        "error": error,
        "failures": dict(list(failures.items())[:AT_MOST]),
        "warnings": dict(list(warnings.items())[:AT_MOST]),
    }
    print("\n" + json.dumps(said), flush=True)


def load(path: str) -> type[CodemodCommand]:
    """The one codemod that a file defines."""
    spec = importlib.util.spec_from_file_location("codemod", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["codemod"] = module
    spec.loader.exec_module(module)
    found = [each for each in vars(module).values() if is_own_command(each)]
    if len(found) != 1:
        names = ", ".join(each.__name__ for each in found) or "none"
        raise ImportError(f"it defines {names}; it has to define one subclass of CodemodCommand")
    command: type[CodemodCommand] = found[0]
    return command


def is_own_command(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, CodemodCommand) and value.__module__ == "codemod"


def python_files() -> list[str]:
    found = []
    for place, folders, names in os.walk("."):
        folders.sort()
        found += [os.path.normpath(os.path.join(place, name)) for name in sorted(names)]
    return [path for path in found if path.endswith(SUFFIXES) and os.path.isfile(path)]


def transform(command: type[CodemodCommand], context: CodemodContext, path: str) -> None:
    with open(path, "rb") as file:
        old = file.read()
    module = libcst.parse_module(old)
    try:
        new = command(context).transform_module(module).bytes
    except SkipFile:
        return
    if new != old:
        with open(path, "wb") as file:
            file.write(new)


def words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:LONGEST]}"


main()
