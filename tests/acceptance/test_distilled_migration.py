"""A migration over twenty repositories, of which one is paid for: `datetime.utcnow()`, which Python 3.12 deprecates.

The repositories are small, each in its own way; git, tests, sandbox, server and ledger are real, the model is a script.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.flows.conftest import Overhaul
from tests.flows.repositories import git, make_repository
from tests.flows.test_agent_runs import HERE, model, only_run, patch
from tests.refactors.agent.model_server import Say

pytestmark = pytest.mark.acceptance

TASK = """# No more datetime.utcnow()

`datetime.utcnow()` is deprecated. Call `datetime.now(timezone.utc).replace(tzinfo=None)`, which gives the same.
"""
RECIPE = dedent("""\
    import libcst as cst
    from libcst.codemod import VisitorBasedCodemodCommand
    from libcst.codemod.visitors import AddImportsVisitor
    from libcst.metadata import ParentNodeProvider, QualifiedNameProvider, QualifiedNameSource

    NOW = "datetime.datetime.utcnow"


    class NoMoreUtcnow(VisitorBasedCodemodCommand):
        DESCRIPTION = "datetime.utcnow() becomes datetime.now(timezone.utc).replace(tzinfo=None)"
        METADATA_DEPENDENCIES = (QualifiedNameProvider, ParentNodeProvider)

        def is_ours(self, node):
            names = self.get_metadata(QualifiedNameProvider, node, set())
            return {(each.name, each.source) for each in names} == {(NOW, QualifiedNameSource.IMPORT)}

        def visit_Attribute(self, node):
            parent = self.get_metadata(ParentNodeProvider, node)
            if self.is_ours(node) and not (isinstance(parent, cst.Call) and parent.func is node):
                self.warn("datetime.utcnow is handed on here, not called")

        def leave_Call(self, original_node, updated_node):
            func = original_node.func
            if not isinstance(func, cst.Attribute) or not self.is_ours(func) or original_node.args:
                return updated_node
            of = func.value
            if isinstance(of, cst.Attribute):
                zone = cst.Attribute(cst.Attribute(of.value, cst.Name("timezone")), cst.Name("utc"))
            else:
                AddImportsVisitor.add_needed_import(self.context, "datetime", "timezone")
                zone = cst.Attribute(cst.Name("timezone"), cst.Name("utc"))
            now = cst.Call(cst.Attribute(of, cst.Name("now")), [cst.Arg(zone)])
            equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
            naive = cst.Arg(cst.Name("None"), keyword=cst.Name("tzinfo"), equal=equal)
            return cst.Call(cst.Attribute(now, cst.Name("replace")), [naive])
    """)
CASES = [
    {
        "name": "from",
        "before": "from datetime import datetime\n\nnow = datetime.utcnow()\n",
        "after": "from datetime import timezone, datetime\n\nnow = datetime.now(timezone.utc).replace(tzinfo=None)\n",
    },
    {
        "name": "module",
        "before": "import datetime as dt\n\nnow = dt.datetime.utcnow()\n",
        "after": "import datetime as dt\n\nnow = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)\n",
    },
    {
        "name": "another one's",
        "before": "class datetime: ...\n\nnow = datetime.utcnow()\n",
        "after": "class datetime: ...\n\nnow = datetime.utcnow()\n",
    },
]
# All take two minutes of CPU: CI, which has no more of them, takes one of each kind.
OTHERS = (1, 2, 3, 18, 19) if os.environ.get("CI") == "true" else tuple(range(1, 20))
# How the twenty import it, and how they write the present.
STYLES = (
    ("from datetime import datetime", "datetime"),
    ("import datetime", "datetime.datetime"),
    ("import datetime as dt", "dt.datetime"),
    ("from datetime import datetime, timedelta", "datetime"),
    ("from datetime import timezone, datetime", "datetime"),
    ("from datetime import datetime as clock", "clock"),
)
TEST = """\
from {name}.times import stamp


def test_stamp_has_no_zone():
    assert stamp().tzinfo is None
"""
HANDED_ON = "\n\ndef default(now=datetime.utcnow):\n    return now()\n"


def files(number: int) -> dict[str, str]:
    """The files of one of the twenty."""
    name = f"shop{number:02}"
    line, call = STYLES[number % len(STYLES)]
    function = f"\n\ndef stamp():\n    return {call}.utcnow()  # of {name}\n"
    if number == 18:  # it hands the function on, which no call replaces
        line, function = STYLES[0][0], function.replace(call, "datetime") + HANDED_ON
    if number == 19:  # it has a clock of its own, which only looks alike
        line = "import datetime as _datetime\n\n\nclass Clock:\n    utcnow = _datetime.datetime.now\n\n\ndatetime = Clock()"
        function = "\n\ndef stamp():\n    return datetime.utcnow()\n"
    return {
        f"{name}/__init__.py": "",
        f"{name}/times.py": line + "\n" + function,
        "tests/test_times.py": TEST.format(name=name),
    }


def migrated(number: int) -> str:
    """What a person would make of the file."""
    line, call = STYLES[number % len(STYLES)]
    zone = f"{call.removesuffix('.datetime')}.timezone.utc" if "." in call else "timezone.utc"
    before = files(number)[f"shop{number:02}/times.py"]
    after = before.replace(f"{call}.utcnow()", f"{call}.now({zone}).replace(tzinfo=None)")
    if zone == "timezone.utc" and "timezone" not in line:
        after = after.replace("import ", "import timezone, ", 1)
    return after


def test_one_of_twenty_repositories_is_paid_for(overhaul: Overhaul, tmp_path: Path) -> None:
    pilot = make_repository(tmp_path / "shop00", files(0))
    for number in OTHERS:
        make_repository(tmp_path / "others" / f"shop{number:02}", files(number))
    prompt = tmp_path / "utcnow.md"
    prompt.write_text(TASK)
    name = f"utcnow-{tmp_path.name.replace('_', '-')}"
    campaign = tmp_path / "campaign.yaml"
    campaign.write_text(
        f"name: {name}\nrepositories: [{{path: others/*}}]\n"
        f"environment: {{sandbox: process, python: {sys.executable}}}\n"
        f"steps: [{{recipe: 'distilled:{name}', with: {{sandbox: bubblewrap}}}}]\n"
    )
    edits = (
        patch("from datetime import datetime", "from datetime import timezone, datetime", "shop00/times.py"),
        patch(
            "    return datetime.utcnow()  # of shop00",
            "    return datetime.now(timezone.utc).replace(tzinfo=None)  # of shop00", "shop00/times.py",
        ),
    )  # fmt: skip
    written = json.dumps({"source": RECIPE, "cases": CASES})
    steps = [Say("", edits), Say("Done."), Say("", (("write_recipe", written),))]
    with model(*steps) as (asked, variables):
        paid = only_run(overhaul("run", prompt, pilot, *HERE, "--yes", "--json", **variables))
        assert (paid["status"], paid["tokens"]) == ("published", 220), paid["message"]
        assert git(pilot, "show", f"{paid['branch']}:shop00/times.py") == migrated(0).strip()
        made = overhaul(
            "distill", paid["run_id"], "--name", name, "--sandbox", "bubblewrap", "--json", **variables
        )
        assert made.json["files"] == [{"path": "shop00/times.py", "status": "exact"}], made.stderr
        assert (made.json["tries"], made.json["tokens"]) == (1, 110)
        assert overhaul("distill", "approve", name, "--yes", "--approver", "ada").exit_code == 0
        done = overhaul("run", campaign, "--yes", "--json", **variables)
        assert done.exit_code == 0, done.stderr
        assert len(asked.requests) == 3, "nothing was asked for the nineteen"

    ledger = overhaul("status", name, "--json").json["repositories"]
    stand = {Path(each["repository"]).name: each for each in ledger}
    assert sorted(stand) == [f"shop{number:02}" for number in OTHERS]
    assert {each["tokens"] for each in stand.values()} == {0}
    assert stand.pop("shop19")["state"] == "unchanged"
    assert {each["state"] for each in stand.values()} == {"published"}
    runs = {Path(each["repository"]).name: each for each in done.json["runs"]}
    for number in OTHERS[:-1]:
        run = runs[f"shop{number:02}"]
        assert (run["tokens"], run["agent"]) == (0, None)
        assert (run["tests"]["base"], run["tests"]["head"], run["tests"]["new_failures"]) == (1, 1, 0)
        at = tmp_path / "others" / f"shop{number:02}"
        wanted = migrated(number) if number != 18 else migrated(0).replace("shop00", "shop18") + HANDED_ON
        assert git(at, "show", f"{run['branch']}:shop{number:02}/times.py") == wanted.strip()
    assert [run["unresolved"] for run in runs.values()] == [0] * (len(OTHERS) - 2) + [1, 0]
