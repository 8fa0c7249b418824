"""Processes of ours do not wait for what Prefect imports and they never use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_module_is_run_as_itself_without_the_grammars(tmp_path: Path) -> None:
    (tmp_path / "shown.py").write_text(
        "import sys\nimport prefect, jsonschema\nprint(__name__, sys.argv[1:], 'lark' in sys.modules)\n"
        "jsonschema.validate('http://ü', {'type': 'string', 'format': 'iri'})\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "overhaul.flows.light_process", "shown", "--flag"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "__main__ ['--flag'] False\n"
