"""Start `npm test` with our reporters for the runners that we know: jest, vitest, mocha, and Node's own.

The reporters are loaded by NODE_OPTIONS, whatever the script is; of an unknown runner only the exit code is heard.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
# Programs that understand the options of Node's own runner.
NODE_ITSELF = re.compile(r"\b(?:node|tsx)\b")


def scripts() -> str:
    with open("package.json", encoding="utf-8-sig") as file:
        package: Any = json.load(file)
    found = package.get("scripts")
    return " ; ".join(map(str, found.values())) if isinstance(found, dict) else ""


def options(text: str) -> str:
    """Return NODE_OPTIONS for scripts with this text."""
    words = [f"--require={HERE}/overhaul_node_hook.cjs"]
    if NODE_ITSELF.search(text):
        placed = text.count("--test-reporter-destination")
        named = text.count("--test-reporter") - placed
        reporters = [f"{HERE}/overhaul_node_test_reporter.mjs", *([] if named else ["spec"])]
        words += [f"--test-reporter={each}" for each in reporters]
        # Node wants as many destinations as reporters, and takes ours before those of the script.
        words += ["--test-reporter-destination=stdout"] * (len(reporters) + max(0, named - placed))
    return " ".join(words)


def main() -> None:
    more = {
        "NODE_OPTIONS": options(scripts()),
        "CI": "true",
        "NO_COLOR": "1",
        "npm_config_update_notifier": "false",
    }
    os.execvpe("npm", ["npm", "test"], {**os.environ, **more})


if __name__ == "__main__":
    main()
