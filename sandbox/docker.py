"""Provider `docker`: commands run in containers; environments are images, built with the network, run without."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from overhaul.sandbox.docker_engine import connect, engine_fault
from overhaul.sandbox.docker_images import (
    base_image,
    can_have_python,
    how_to_have_python,
    image_pythons,
    missing_base,
)
from overhaul.sandbox.docker_setup import KEY_LABEL, SetupContainer
from overhaul.sandbox.docker_workspace import HOST_LABEL, OWNER_LABEL, DockerWorkspace
from overhaul.sandbox.environment_record import EnvironmentRecord, RecordBook
from overhaul.sandbox.errors import EnvironmentFailed, SandboxLost
from overhaul.sandbox.index_access import index_access
from overhaul.sandbox.maintenance import Kept, maintenance_plan, refresh, why_due
from overhaul.sandbox.owner import is_alive
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Environment, Limits, Outcome, SandboxSettings
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.setup_steps import SetupLog, run_steps
from overhaul.sandbox.standby import stand_by, taken
from overhaul.sandbox.system_packages import apt_step

if TYPE_CHECKING:
    from docker import DockerClient

REPOSITORY = "overhaul/environment"
LEAVING_SECONDS = 10.0


class DockerProvider:
    """Keeps images in the engine and their records under `home`. Only setups have a network, test runs never."""

    name = "docker"
    isolates = True

    def __init__(self, home: Path, settings: SandboxSettings | None = None) -> None:
        self.home = home.absolute() / "docker"
        self.settings = settings or SandboxSettings()
        self.records = RecordBook(self.home / "environments")
        self._client: DockerClient | None = None

    def missing(self) -> str | None:
        return engine_fault() or missing_base(self.client(), self.settings.image)

    def pythons(self) -> list[str]:
        return image_pythons(self._engine(), self.settings.image, self.home / "bases.json")

    def has_python(self, version: str) -> bool:
        # Whoever names an image means the Python in it.
        named = self.settings.image != "auto"
        return named or can_have_python(self._engine(), version, self.home / "bases.json")

    def client(self) -> DockerClient:
        if self._client is None:
            self._client = connect()
            # With the client and not with us: a workspace may live longer.
            weakref.finalize(self._client, self._client.api.close)
        return self._client

    def prepare(self, plan: EnvironmentPlan, source: Path, log: Path) -> Environment:
        if plan.interpreter is not None:
            raise EnvironmentFailed(
                "an interpreter of the host cannot be used in a container: use --sandbox process"
            )
        started = time.monotonic()
        client = self._engine()
        base, interpreter = base_image(client, self.settings.image, plan.python, self.home / "bases.json")
        key = hashlib.sha256(f"{plan.fingerprint} {base}".encode()).hexdigest()[:24]
        found = self._find(plan, key, started)
        if found is not None:
            return found
        with self.records.locked(key):
            found = self._find(plan, key, started)
            if found is not None:
                return found

            def make(reason: str, image: str = base, plan_: EnvironmentPlan = plan) -> Environment:
                made, version = self._build(client, plan_, source, log, (image, interpreter, key))
                seconds = time.monotonic() - started
                when = self.records.write(plan, version, reason, seconds, key)
                return Environment(self.name, key, made, version, False, reason, seconds, when)

            kept = self._find(plan, key, started, due=True)
            if kept is None:
                return make(self.records.reason(plan, key))
            due = why_due(self.records.find(key) or {}, plan, self.settings.maintenance_days) or ""
            return refresh(
                self.records,
                Kept(key, kept, due),
                plan,
                lambda reason: make(reason, kept.location, maintenance_plan(plan)),
                make,
            )

    def environments(self) -> list[EnvironmentRecord]:
        return self.records.all()

    def ask_refresh(self, fingerprint: str) -> bool:
        return self.records.ask_refresh(fingerprint)

    def still_has(self, environment: Environment) -> bool:
        from docker.errors import ImageNotFound

        try:
            self._engine().images.get(environment.location)
        except ImageNotFound:
            return False
        return True

    def remove(self, fingerprint: str) -> bool:
        from docker.errors import APIError, ImageNotFound

        client = self._engine()
        deadline = time.monotonic() + LEAVING_SECONDS
        while True:
            try:
                client.images.remove(f"{REPOSITORY}:{fingerprint}")
                # Those that a refresh has put another in the place of: runs may have used them since.
                for older in client.images.list(
                    filters={"label": f"{KEY_LABEL}={fingerprint}", "dangling": True}
                ):
                    client.images.remove(str(older.id))
                break
            except ImageNotFound:
                break
            except APIError as error:
                if error.status_code != 409:
                    raise
                if self._is_used(fingerprint) or time.monotonic() >= deadline:
                    return False
                time.sleep(0.1)
        return self.records.remove(fingerprint, lambda: None)

    def _is_used(self, fingerprint: str) -> bool:
        """Whether a container uses it, other than those that were closed and that the engine is still removing."""
        of_it = {"ancestor": f"{REPOSITORY}:{fingerprint}"}
        return any(
            found["State"] != "removing" for found in self._engine().api.containers(all=True, filters=of_it)
        )

    def open(self, source: Path, environment: Environment, beside: Mapping[str, Path]) -> DockerWorkspace:
        workspace = taken(self._key(environment)) or self._started(environment, Limits())
        try:
            workspace.fill(source, beside)
        except BaseException:
            workspace.close()
            raise
        return workspace

    def stand_by(self, environment: Environment, limits: Limits) -> None:
        stand_by(self._key(environment), lambda: self._started(environment, limits), DockerWorkspace.warm)

    def _key(self, environment: Environment) -> tuple[object, ...]:
        return (self.name, self.home, environment.location, self.settings.network)

    def _started(self, environment: Environment, limits: Limits) -> DockerWorkspace:
        client = self._engine()
        remove_containers_of_the_dead(client)
        self.records.note_use(environment.fingerprint)  # the engine itself keeps an image that is in use
        return DockerWorkspace(client, environment, limits, self.settings.network)

    def _engine(self) -> DockerClient:
        fault = engine_fault() if self._client is None else None
        if fault:
            raise SandboxLost(fault)
        return self.client()

    def _find(
        self, plan: EnvironmentPlan, key: str, started: float, *, due: bool = False
    ) -> Environment | None:
        from docker.errors import ImageNotFound

        record = self.records.find(key)
        if record is None or (not due and why_due(record, plan, self.settings.maintenance_days)):
            return None
        try:
            image = self.client().images.get(f"{REPOSITORY}:{key}")
        except ImageNotFound:
            return None
        seconds = time.monotonic() - started
        version, made = record["python_version"], float(record.get("made", 0.0))
        return Environment(self.name, key, str(image.id), version, True, "found", seconds, made)

    def _build(
        self, client: DockerClient, plan: EnvironmentPlan, source: Path, log: Path, base: tuple[str, str, str]
    ) -> tuple[str, str]:
        """Run the steps in a container with network and commit it; the image's id and Python's version."""
        image, interpreter, key = base
        with SetupContainer(client, image, self.settings.network) as container:
            container.send(plan, source)

            def run(step: Step, arguments: tuple[str, ...], on_output: Callable[[bytes], None]) -> Outcome:
                return container.run(arguments, step, on_output)

            access = index_access(os.environ)
            redactor = Redactor({**os.environ, **access.environment})
            if plan.system_packages:
                plan = replace(plan, steps=(apt_step(plan.system_packages), *plan.steps))
            places = container.places(interpreter)
            try:
                run_steps(plan, places, run, SetupLog(log, redactor, access.remarks, container.refused))
            except EnvironmentFailed as error:
                if interpreter == plan.python and "step 'create'" in str(error):
                    raise EnvironmentFailed(f"{error}\n  {how_to_have_python(plan.python)}") from error
                raise
            version = container.python_version()
            container.clean()
            return container.commit(REPOSITORY, key, plan), version


def remove_containers_of_the_dead(client: DockerClient) -> list[str]:
    """Remove containers whose owner on this machine is gone; returns their ids."""
    from docker.errors import DockerException

    removed = []
    ours = {"label": [OWNER_LABEL, f"{HOST_LABEL}={platform.node()}"]}
    for found in client.api.containers(all=True, filters=ours):
        owner = found["Labels"][OWNER_LABEL]
        if owner and not is_alive(owner):
            # Another process may be removing it right now.
            with contextlib.suppress(DockerException):
                client.api.remove_container(found["Id"], force=True, v=True)
                removed.append(found["Id"])
    return removed
