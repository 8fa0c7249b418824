"""Real git repositories for the tests of trees and patches."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Git = Callable[..., bytes]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in a folder, with an identity and no configuration but the repository's own."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
    }  # fmt: skip

    def run(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
        result = subprocess.run(
            ["git", *arguments], cwd=folder, env=variables, input=given, capture_output=True, check=False
        )
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout

    return run


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder, which is made."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.fixture
def make_repository(tmp_path: Path, git: Git) -> Callable[[Mapping[str, bytes]], Path]:
    """Make a repository with one commit of these files."""

    def make(files: Mapping[str, bytes]) -> Path:
        folder = write_files(tmp_path / "repository", files)
        git(folder, "init", "-q", "-b", "main")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "first")
        return folder

    return make
