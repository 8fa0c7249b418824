"""`overhaul bench` on released bug fixes and refactorings: the right patches, none, and a model over real HTTP."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from overhaul.flows.settings import Settings
from tests.acceptance.bench_projects import FIXES, REFACTORED, RENAMES, make_instances
from tests.acceptance.conftest import Checkout
from tests.flows.conftest import Overhaul
from tests.flows.test_agent_runs import model
from tests.refactors.agent.model_server import Say

pytestmark = pytest.mark.acceptance

HERE = ["--sandbox", "process", "--python", sys.executable, "--test-timeout", "60"]
TIER = "landlock"
PARSE = FIXES[0].id
# Not the released fix, but one that does as well.
FIX = r"""*** Begin Patch
*** Update File: parse.py
@@
-PARSE_RE = re.compile(r"({{|}}|{\w*(?:\.\w+|\[[^]]+])*(?::[^}]+)?})")
+PARSE_RE = re.compile(r"({{|}}|{[-\w]*(?:\.[-\w]+|\[[^]]+])*(?::[^}]+)?})")
@@
-        group = field.replace(".", "_").replace("[", "_").replace("]", "_")
+        group = re.sub(r"[].[-]", "_", field)
@@
                 group = field.replace("_", "_" * n)
+            elif "-" in field:
+                group = field.replace("-", "_" * n)
             else:
*** End Patch
"""


@pytest.fixture(scope="module")
def instances(
    checkout: Checkout, overhaul: Overhaul, home: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Five instances in a file."""
    source = checkout(*REFACTORED)
    patches = {
        name: overhaul("preview", "rename-symbol", "-p", f"old={old}", "-p", f"new={new}", source).stdout
        for name, (old, new) in RENAMES.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERHAUL_HOME", str(home.home))
        return make_instances(tmp_path_factory.mktemp("bench"), checkout, patches)


def verdicts(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["instance_id"]: (each["verdict"], each["reason"]) for each in found["results"]}


def test_gold_patches_resolve_everything_and_empty_ones_nothing(
    instances: Path, overhaul: Overhaul, tmp_path: Path
) -> None:
    gold = overhaul(
        "bench", instances, "--predictions", "gold", *HERE, "--output", tmp_path / "gold", "--json"
    )
    assert (gold.exit_code, gold.json["resolved_percent"]) == (0, 100.0), verdicts(gold.json)
    assert gold.json["total_instances"] == len(FIXES) + len(RENAMES) == 5
    empty = overhaul(
        "bench", instances, "--predictions", "empty", *HERE, "--output", tmp_path / "empty", "--json"
    )
    assert (empty.exit_code, empty.json["resolved_percent"]) == (0, 0.0), verdicts(empty.json)
    assert empty.json["error_instances"] == 0
    for each in gold.json["results"][:3]:
        assert each["fail_to_pass"]["total"] >= 1
        assert each["pass_to_pass"]["good"] == each["pass_to_pass"]["total"] >= 9
    lines = (tmp_path / "gold" / "all_preds.jsonl").read_text().splitlines()
    assert [set(json.loads(line)) for line in lines] == [
        {"instance_id", "model_name_or_path", "model_patch"}
    ] * 5


def test_model_fixes_a_released_bug_in_the_sandbox(
    instances: Path, overhaul: Overhaul, tmp_path: Path
) -> None:
    script = Say("I see.", (("apply_patch!", FIX),)), Say("Names may hold hyphens.")
    words = ["bench", instances, "--instance", PARSE, "--sandbox", TIER, "--output", tmp_path, "--json"]
    with model(*script) as (server, variables):
        done = overhaul(*words, **variables)
    assert (done.exit_code, done.json["resolved_ids"]) == (0, [PARSE]), done.stderr
    (fixed,) = done.json["results"]
    assert (fixed["spent"]["steps"], fixed["spent"]["tokens"]["input"], fixed["isolation"]) == (2, 200, TIER)
    asked = json.dumps(server.bodies)
    assert "a name may hold a hyphen" in asked
    assert "test_hyphen_inside" not in asked
