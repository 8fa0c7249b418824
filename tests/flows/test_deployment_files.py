"""The files by which overhaul is deployed say what the code says."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import yaml
from prefect import Flow

from overhaul.flows.deployments import COMMAND, OF_CAMPAIGNS, ONE, POOL
from overhaul.flows.server import SERVER_SETTINGS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "deployment"


def test_prefect_yaml_deploys_flows_of_modules_into_the_pool_of_ours() -> None:
    form = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    assert form["pull"] == []
    names = []
    for each in form["deployments"]:
        module, _, name = each["entrypoint"].rpartition(".")
        flow = getattr(import_module(module), name)
        assert isinstance(flow, Flow)
        assert each["work_pool"] == {"name": POOL, "job_variables": {"command": COMMAND}}
        names.append(f"{flow.name}/{each['name']}")
    assert f"{ONE}/{OF_CAMPAIGNS}" in names
    assert len(set(names)) == 4


def test_compose_file_starts_the_server_as_we_do() -> None:
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    assert services["server"]["environment"].items() >= SERVER_SETTINGS.items()
    asked_for = {
        line.partition("=")[0] for line in (FOLDER / "overhaul.env.example").read_text().splitlines()
    }
    assert asked_for >= {"DATABASE_PASSWORD", "API_PASSWORD"}


def test_pod_has_no_rights_and_runs_the_same_command() -> None:
    form = json.loads((FOLDER / "kubernetes-job-template.json").read_text())
    assert form["variables"]["properties"]["command"]["default"] == COMMAND
    pod = form["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]
    assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False)
    assert pod["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
