"""The same probes under the sandbox of the real Codex CLI and under ours: what it denies, every tier of ours denies.

Codex comes from the npm registry by its name; its sandbox needs no model and no network.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from overhaul.sandbox.guarantees import DENIED, ISOLATING
from overhaul.sandbox.supervised import INSIDE
from tests.sandbox.conftest import Tier, docker_engine, make_environment
from tests.sandbox.test_guarantees import PROBES, answer_of, canary, probe_code, probed

__all__ = ["canary", "docker_engine", "make_environment"]

pytestmark = [pytest.mark.acceptance, pytest.mark.docker]

# Its mode for editing, as strict as it can be set: without it, temporary folders of the machine can be written.
SETTINGS = (
    'sandbox_mode="workspace-write"',
    "sandbox_workspace_write.exclude_slash_tmp=true",
    "sandbox_workspace_write.exclude_tmpdir_env_var=true",
)


def test_all_that_codex_denies_is_denied_by_every_tier_and_more(
    codex: Path, canary: dict[str, object], make_environment, docker_engine: None, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("CANARY_VARIABLE", "canary")
    # Not in a temporary folder, which it refuses.
    monkeypatch.setenv("CODEX_HOME", str(codex.parents[2] / "home"))
    Path(os.environ["CODEX_HOME"]).mkdir(exist_ok=True)
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    answers: dict[str, dict[str, str]] = {}
    with ExitStack() as stack:
        tiers = {
            name: stack.enter_context(Tier(*make_environment(name), tmp_path).open()) for name in ISOLATING
        }
        for guarantee in DENIED:
            code = probe_code(PROBES[guarantee.id], {**canary, "TOOLS": str(INSIDE)})
            command = [str(codex), "sandbox", *settings, "--", sys.executable, "-c", code]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
            row = {"codex": answer_of(done.stdout, f"{done.returncode}: {done.stderr!r}")}
            answers[guarantee.id] = row | {name: probed(tiers[name], guarantee, canary) for name in tiers}
    print(table(answers))
    weaker = [
        (guarantee, name)
        for guarantee, row in answers.items()
        for name in ISOLATING
        if row["codex"].startswith("denied") and not row[name].startswith("denied")
    ]
    assert weaker == []
    left_readable = ("read-host", "host-variables")
    assert [answers[each]["codex"] for each in left_readable] == ["open", "open"], (
        "it denies more than it did"
    )
    assert all(answers[each][name].startswith("denied") for each in left_readable for name in ISOLATING)


def table(answers: dict[str, dict[str, str]]) -> str:
    rows = [["", "codex", *ISOLATING]]
    rows += [[name, *(said.partition(" ")[0] for said in row.values())] for name, row in answers.items()]
    return "\n".join("  ".join(word.ljust(16) for word in row).rstrip() for row in rows)
