"""Describes a recipe that nobody trusts, or runs it over the files below the present folder; its last line answers.

The argument is a folder with `request.json`, `engine` (a copy of overhaul's own refactors) and `plugin` (the recipe's
files). Nothing is written to the tree: edits are only told.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

FOLDER = os.path.abspath(sys.argv[1])
sys.path[:0] = [os.path.join(FOLDER, "engine"), os.path.join(FOLDER, "plugin")]


def main() -> None:
    """Print the answer to the request."""
    with open(os.path.join(FOLDER, "request.json"), encoding="utf-8") as file:
        request = json.load(file)
    exchange = importlib.import_module("overhaul.refactors.exchange")
    files = [
        os.path.join(top, name) for top, _, names in os.walk(os.path.join(FOLDER, "plugin")) for name in names
    ]
    tree = exchange.FollowedTree(memory_tree())
    try:
        recipe = load(request, exchange)
        if request["checks"]:
            answer: dict[str, Any] = {"checked": exchange.checked(recipe)}
        elif request["parameters"] is None:
            answer = {"described": exchange.described(recipe)}
        else:
            made = recipe.bind(request["parameters"])
            answer = {"analysis": exchange.analysis_as_json(made.analyse(tree)), "title": made.title}
    except importlib.import_module("overhaul.refactors.errors").RefactorError as refusal:
        answer = {"refused": str(refusal)}
    except Exception as error:
        answer = {
            "error": importlib.import_module("overhaul.refactors.code_frame").code_frame(
                error, files, tree.at
            )
        }
    print("\n" + json.dumps(answer), flush=True)


def load(request: dict[str, Any], exchange: Any) -> Any:
    module = importlib.import_module(request["module"])
    if request["class"]:
        return getattr(module, request["class"])
    (recipe,) = exchange.own_recipes(module)
    return recipe


def memory_tree() -> Any:
    files = {}
    for place, folders, names in os.walk("."):
        folders.sort()
        for name in names:
            path = os.path.normpath(os.path.join(place, name))
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    files[path] = file.read()
    return importlib.import_module("overhaul.refactors.memory_tree").MemoryTree(files)


main()
