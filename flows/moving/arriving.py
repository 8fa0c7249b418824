"""A run arrives from another machine: its file is taken apart in a git folder of its own, checked, and taken up here.

The file may come from anybody. What a person may allow (network, images of this machine, where tests run, who is
asked) is said here, not in it; no approval counts that was given elsewhere.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import git
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.states import Scheduled
from pydantic import ValidationError

from overhaul.flows.distilled import recipe_of_run
from overhaul.flows.errors import HandoffError, NoBase
from overhaul.flows.gates import record_once, recorded
from overhaul.flows.hardened_git import NO_OUTSIDE_CONFIGURATION, first_lines, run_git, said_by
from overhaul.flows.history import is_ancestor
from overhaul.flows.images import MOST_BYTES, keep_image
from overhaul.flows.mirror import Mirror
from overhaul.flows.moving.contents import check_contents, images_of
from overhaul.flows.moving.document import MovedRun
from overhaul.flows.moving.leaving import REFERENCE
from overhaul.flows.moving.pack_sizes import LARGEST_FILE, Bundle, read_bundle
from overhaul.flows.moving.whereabouts import from_stored
from overhaul.flows.options import Mode, RunOptions, SandboxName
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.flows.run_lock import working_on
from overhaul.flows.runs import Request, create_run, list_runs
from overhaul.flows.settings import Settings
from overhaul.flows.worktree import locate
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.registry import recipe_ids

_REFERENCE = re.compile(re.escape(REFERENCE) + r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
# What a person allows, with the option by which they do so here.
_ALLOWED = {
    "mode": "--mode", "sandbox": "--sandbox", "python": "--python", "network": "--network", "yes": "", "gates": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a person allows a run that arrives here for the first time."""

    mode: Mode = "auto"
    sandbox: SandboxName = "auto"
    python: str | None = None
    network: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A run that can go on here. `left_behind` are options of where it came from that do not count here."""

    run_id: str
    document: MovedRun
    left_behind: tuple[str, ...] = ()


def arrive(
    client: SyncPrefectClient, file: Path, repository: str, allowed: Allowed, settings: Settings
) -> Arrived:
    """Take a run up from a file: as a new run, or as the one that has left here. Raises HandoffError."""
    bundle = open_file(file)
    origin = bundle.reference.rpartition("/")[2]
    known = _known(client, origin)
    source = str(known.parameters["repository"]) if known else locate(repository)
    mirror = Mirror.of(source, settings.mirrors)
    with suppress(NoBase):  # only the commits count
        mirror.fetch(None)
    with unpacked(bundle, mirror) as (there, document):
        if known is not None:
            return _back(client, known, bundle, document, (there, mirror, settings))
        return _new(client, bundle, document, allowed, (there, mirror, settings))


def open_file(file: Path) -> Bundle:
    """Take a file apart. Raises HandoffError where it is none in which a run has left."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise HandoffError(f"{file} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise HandoffError(f"{file} is larger than {LARGEST_FILE >> 20} MiB, which no run that moves is.")
    bundle = read_bundle(content)
    if _REFERENCE.fullmatch(bundle.reference) is None or len(bundle.needed) != 1:
        raise HandoffError(
            f"{file} is a git bundle, but no run of overhaul: make one with overhaul checkout RUN --bundle FILE."
        )
    return bundle


def _known(client: SyncPrefectClient, origin: str) -> FlowRun | None:
    """The run here that began there, or has come from there before."""
    tag = _tag(origin)
    return next((each for each in list_runs(client) if str(each.id) == origin or tag in each.tags), None)


def _tag(origin: str) -> str:
    return f"began-as:{origin}"


@contextmanager
def unpacked(bundle: Bundle, mirror: Mirror) -> Iterator[tuple[Mirror, MovedRun]]:
    """A file's contents, checked, in a git folder that sees the mirror's objects and is gone afterwards.

    Raises HandoffError.
    """
    (base,) = bundle.needed
    if not _holds(mirror, base):
        raise HandoffError(
            f"{mirror.source} has no branch with commit {base[:12]}, from which the run started."
            " Name the right repository (--repository), or push that commit to it first."
        )
    with tempfile.TemporaryDirectory(dir=mirror.folder) as scratch:
        folder = Path(scratch) / "unpacked.git"
        run_git(
            ["init", "--quiet", "--bare", "--template=", "--", str(folder)],
            environment=NO_OUTSIDE_CONFIGURATION,
        )
        (folder / "objects" / "info" / "alternates").write_text(f"{mirror.folder / 'objects'}\n")
        if (mirror.folder / "shallow").exists():
            shutil.copyfile(mirror.folder / "shallow", folder / "shallow")
        there = Mirror(folder, mirror.source)
        try:
            there.git("index-pack", "--stdin", "--strict", "--fix-thin", stdin=bundle.pack)
            there.git("update-ref", bundle.reference, f"{bundle.commit}^{{commit}}")
            there.git("rev-list", "--objects", "--quiet", bundle.commit, f"^{base}")
        except git.GitCommandError as error:
            raise HandoffError(f"git refuses the file: {first_lines(said_by(error))}") from error
        document = check_contents(there, bundle.commit)
        if bundle.reference != f"{REFERENCE}/{document.run.run_id}":
            raise HandoffError("the file is no run of overhaul: it speaks of two runs.")
        _check_commits(there, bundle, document)
        yield there, document


def _holds(mirror: Mirror, base: str) -> bool:
    """Whether a branch of the repository itself has the commit."""
    try:
        return bool(mirror.text("for-each-ref", "--count=1", "--contains", base, "refs/remotes/origin"))
    except git.GitCommandError:
        return False


def _check_commits(unpacked: Mirror, bundle: Bundle, document: MovedRun) -> None:
    """Raises HandoffError unless every commit that is named is there and is in one line with the base."""
    run, base = document.run, bundle.needed[0]
    there = set(unpacked.text("rev-parse", f"{bundle.commit}^@").split())
    named = {
        run.base,
        run.head,
        *(each.commit for each in run.commits),
        *(each.parent for each in document.steps),
    }
    named |= {each.commit for each in document.said if each.commit}
    if run.base != base or not named <= there:
        raise HandoffError("the file is no run of overhaul: it names commits that it does not hold.")
    for commit in there:
        is_straight = is_ancestor(unpacked, base, commit)
        if not is_straight or unpacked.text("rev-list", "--count", "--merges", f"{base}..{commit}") != "0":
            raise HandoffError(
                f"the file is no run of overhaul: commit {commit[:12]} is not in one line with {base[:12]}."
            )


Places = tuple[Mirror, Mirror, Settings]


def _back(
    client: SyncPrefectClient, known: FlowRun, bundle: Bundle, document: MovedRun, places: Places
) -> Arrived:
    """A run that has left here goes on from where it was elsewhere."""
    unpacked, mirror, settings = places
    with working_on(str(known.id), settings):
        found = from_stored(recorded(client, known.id, ""))
        short = str(known.id)[:8]
        if not found.is_elsewhere:
            raise HandoffError(
                f"the run is here already, as {short}, and has not left since. See: overhaul show {short}"
            )
        if bundle.commit == found.left_by:
            raise HandoffError(
                f"this is the file in which the run left here, and it was taken up nowhere since. To go on here:"
                f" overhaul return {short} --take-back"
            )
        if document.follows != found.left_by or document.move != found.left + 1:
            raise HandoffError(
                f"the file does not come from where run {short} went when it last left here. Make a new one where it"
                " is now: overhaul checkout RUN --bundle FILE"
            )
        _record(client, str(known.id), bundle, document, (unpacked, mirror))
        # It may wait at a gate here that is answered where it comes from.
        client.set_flow_run_state(known.id, Scheduled(), force=True)
    return Arrived(str(known.id), document)


def _new(
    client: SyncPrefectClient, bundle: Bundle, document: MovedRun, allowed: Allowed, places: Places
) -> Arrived:
    """A run that has begun elsewhere goes on here as one of its own."""
    unpacked, mirror, settings = places
    run = document.run
    there = options_of(document)
    _check_recipe(document)
    _check_model(document, settings)
    images = images_of(unpacked, bundle.commit, MOST_BYTES)
    kept = tuple(keep_image(each, f"image {number}", settings) for number, each in enumerate(images, 1))
    options = options_here(there, allowed, kept)
    run_id = create_run(
        Request(mirror.source, run.recipe, run.parameters, options), tags=[_tag(str(run.run_id))]
    )
    _record(client, run_id, bundle, document, (unpacked, mirror))
    return Arrived(run_id, document, tuple(_left_behind(there, options)))


def _record(
    client: SyncPrefectClient, run_id: str, bundle: Bundle, document: MovedRun, mirrors: tuple[Mirror, Mirror]
) -> None:
    """Keep what came with the mirror and the run."""
    unpacked, mirror = mirrors
    run = document.run
    mirror.take_from(unpacked.folder, bundle.reference, f"brought/{run_id}/{document.move}")
    for kind, commit in (("bases", run.base), ("runs", run.head)):
        mirror.keep(f"{kind}/{run_id}", commit)
    record_once(
        client, UUID(run_id), f"brought-{document.move}",
        {
            "commit": bundle.commit, "move": document.move, "origin": str(run.run_id),
            "base": {"branch": run.base_branch, "commit": run.base}, "author": document.author.model_dump(),
            "said": [each.model_dump() for each in document.said],
        },
    )  # fmt: skip


def options_here(there: RunOptions, allowed: Allowed, images: tuple[str, ...]) -> RunOptions:
    """The options with which it goes on here: what was wanted as it was there, what is allowed as it is said here."""
    wanted = {
        name: getattr(there, name)
        for name in (
            "base", "campaign", "packages", "test_timeout", "max_files", "leftovers", "budget", "commands",
            "repair_attempts",
        )
    }  # fmt: skip
    mode = "read-only" if there.mode == "read-only" else allowed.mode
    text = there.pull_request.model_copy(update={"merge": "people", "human_commits": "freeze"})
    said_here = {**asdict(allowed), "mode": mode, "images": images, "allow_dirty": True, "sign": False}
    return RunOptions(**{**wanted, **said_here, "pull_request": text})


def options_of(document: MovedRun) -> RunOptions:
    """The options with which a run has begun. Raises HandoffError where they are none."""
    try:
        return RunOptions.model_validate(document.run.options)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise HandoffError(f"the file is no run of overhaul (options.{place}: {first['msg']}).") from error


def _check_recipe(document: MovedRun) -> None:
    """Raises HandoffError, NotApproved or RefactorError: no code comes along, so it is one that is known here."""
    recipe, parameters = document.run.recipe, document.run.parameters
    if recipe not in {"prompt", *recipe_ids()} and not recipe.startswith("distilled:"):
        raise HandoffError(
            f"the run's recipe, {recipe[:80]!r}, is none that is known here. See: overhaul recipes"
        )
    try:
        find_recipe(recipe).bind(parameters)
    except RefactorError as error:
        raise HandoffError(f"the run's recipe cannot be used here: {error}") from error
    recipe_of_run(recipe, parameters)


def _check_model(document: MovedRun, settings: Settings) -> None:
    """Raises HandoffError or NoModel: the commits name the model, and another one does not go on from its thoughts."""
    agent = document.run.agent
    if agent is None:
        return
    from overhaul.flows.providers import choose

    here = choose(settings).name
    if here != agent.model:
        raise HandoffError(
            f"the run is the work of model {agent.model[:80]!r}, and here {here!r} would go on with it."
            f" Set OVERHAUL_MODEL={agent.model[:80]} for this command and those that answer the run."
        )


def _left_behind(there: RunOptions, here: RunOptions) -> Iterator[str]:
    """What was allowed where it came from, and is not here, in words."""
    for name, option in _ALLOWED.items():
        before, now = getattr(there, name), getattr(here, name)
        if before != now and before not in (None, (), "auto"):
            yield (
                f"{option} {_said(before)}"
                if option
                else {"yes": "--yes", "gates": "the rules of its gates"}[name]
            )
    if there.pull_request.merge != "people":
        yield f"that the forge merges it ({there.pull_request.merge})"


def _said(value: Any) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)
