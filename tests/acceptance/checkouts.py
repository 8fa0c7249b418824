"""Source distributions of the package index as git repositories with one commit. None of their code is run."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath

from tests.flows.repositories import git


def checkout(project: str, version: str, sources: Path, top: Path) -> Path:
    """Return the repository `top/PROJECT-VERSION`; made if it is not there, of an archive that is kept in `sources`."""
    folder = top / f"{project}-{version}"
    if folder.exists():
        return folder
    with tarfile.open(archive(project, version, sources)) as packed:
        for member in packed:
            place = folder.joinpath(*PurePosixPath(member.name).parts[1:])
            if member.isfile() and ".." not in place.parts:
                place.parent.mkdir(parents=True, exist_ok=True)
                content = packed.extractfile(member)
                assert content is not None
                place.write_bytes(content.read())
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "-m", f"{project} {version}")
    return folder


def archive(project: str, version: str, sources: Path) -> Path:
    """Return the archive; fetched once. Its name may be spelled otherwise than the project's."""
    names = {f"{name}-{version}.tar.gz" for name in (project, project.replace("-", "_"), project.lower())}
    found = [sources / name for name in sorted(names) if (sources / name).exists()]
    if not found:
        download(f"{project}=={version}", sources)
        found = [sources / name for name in sorted(names) if (sources / name).exists()]
    assert found, f"no archive of {project} {version} in {sources}"
    return found[0]


def download(requirement: str, folder: Path) -> None:
    """pip fetches the source; uv has no command for it, and an environment made by uv has no pip."""
    python = str(Path(sys.base_prefix) / "bin" / "python3")
    words = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", requirement]
    done = subprocess.run(
        [python, *words, "--dest", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (
        f"{requirement} cannot be fetched from the package index: {done.stderr[-2000:]}"
    )
