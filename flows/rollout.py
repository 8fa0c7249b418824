"""Which repository goes first: a library before its users, so that these are tested against the changed library."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from overhaul.flows.errors import RepositoryError
from overhaul.flows.mirror import Mirror
from overhaul.flows.options import Beside, RunOptions
from overhaul.flows.results import RunResult
from overhaul.flows.settings import Settings
from overhaul.flows.worktree import locate
from overhaul.sandbox.project_metadata import ProjectMetadata, read_metadata
from overhaul.sandbox.requirement_files import distribution_name, normalise

METADATA_FILES = ("pyproject.toml", "setup.cfg", "setup.py")


@dataclass(frozen=True, slots=True)
class Member:
    """A repository of one command; `needs` maps distributions to the sources of the members that provide them."""

    source: str
    needs: dict[str, str]

    @property
    def name(self) -> str:
        return self.source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")


def locate_all(repositories: Sequence[str]) -> list[str]:
    """The sources of all repositories, each once. Raises NotARepository before anything is done."""
    return list(dict.fromkeys(locate(repository) for repository in repositories))


def in_dependency_order(sources: Sequence[str], base: str | None, settings: Settings) -> list[Member]:
    """Put libraries before their users; the order given is kept where nothing is known, or they form a cycle."""
    if len(sources) == 1:
        return [Member(sources[0], {})]
    metadata = {source: _metadata(source, base, settings) for source in sources}
    provided = {normalise(data.name): source for source, data in metadata.items() if data.name}
    needs = {
        source: {name: provided[name] for name in _required(data) if provided.get(name, source) != source}
        for source, data in metadata.items()
    }
    try:
        order = list(
            TopologicalSorter(
                {source: list(found.values()) for source, found in needs.items()}
            ).static_order()
        )
    except CycleError:
        order = list(sources)
    return [Member(source, needs[source]) for source in order]


def with_dependencies(options: RunOptions, member: Member, results: Sequence[RunResult]) -> RunOptions:
    """The options of a member: beside it stand the libraries of this command, at their bases and at their new heads."""
    ended = {result.repository: result for result in results}
    beside = tuple(
        Beside(
            distribution=name,
            repository=source,
            base_commit=library.base,
            head_commit=library.head or library.base,
        )
        for name, source in sorted(member.needs.items())
        if (library := ended.get(source)) is not None and library.base is not None
    )
    return options.model_copy(update={"beside": beside})


def one_after_another(
    members: Sequence[Member], options: RunOptions, run_one: Callable[[Member, RunOptions], RunResult]
) -> list[RunResult]:
    """Run the members in their order, each beside the libraries that went before it."""
    results: list[RunResult] = []
    for member in members:
        results.append(run_one(member, with_dependencies(options, member, results)))
    return results


def _metadata(source: str, base: str | None, settings: Settings) -> ProjectMetadata:
    """What a repository says of itself at its base; nothing if it cannot be read, which its own run will report."""
    mirror = Mirror.of(source, settings.mirrors)
    try:
        commit = mirror.fetch(base).commit
    except RepositoryError:
        return ProjectMetadata()
    names = mirror.text("ls-tree", "--name-only", commit).splitlines()
    with tempfile.TemporaryDirectory() as folder:
        for name in set(METADATA_FILES).intersection(names):
            (Path(folder) / name).write_bytes(mirror.git("cat-file", "blob", f"{commit}:{name}"))
        return read_metadata(Path(folder))


def _required(metadata: ProjectMetadata) -> set[str]:
    lines = [*(metadata.dependencies or ())]
    for more in (*metadata.extras.values(), *metadata.groups.values()):
        lines += more
    return {normalise(name) for line in lines if (name := distribution_name(line))}
