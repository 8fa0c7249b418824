"""Take an installed project's own files out of site-packages, keeping its metadata and entry points.

The tests then import it from the work tree, edited, by PYTHONPATH. What the build made and the tree does not
have (extension modules, generated version files) is kept in a folder, by its path in the tree.

    set_project_apart.py NAME BUILT SOURCE IMPORT_ROOT...
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib import metadata
from urllib.parse import quote


def main(name: str, built: str, source: str, *roots: str) -> None:
    distribution = installed(name, source)
    if distribution is None:
        print(f"{name} is not installed: its metadata and entry points will be absent")
        return
    files = distribution.files or []
    for file in files:
        parts = file.parts
        if parts[0] == ".." or parts[0].endswith((".dist-info", ".egg-info", ".data")):
            continue
        path = str(file.locate())
        if not os.path.isfile(path):
            continue
        root = source_root(source, roots, parts[0])
        if root is None:
            print(f"stays installed, the tree has no such package: {file}")
        elif file.suffix != ".pyc" and not os.path.exists(os.path.join(source, root, *parts)):
            target = os.path.join(built, root, *parts)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.move(path, target)
            print(f"kept as built: {os.path.join(root, *parts)}")
        else:
            os.remove(path)
    remove_empty_folders(os.path.dirname(str(distribution.locate_file("x"))), files)


def installed(name: str, source: str) -> metadata.Distribution | None:
    """The project's own distribution: its name may be computed, but installers record where it came from (PEP 610)."""
    for distribution in metadata.distributions():
        origin = json.loads(distribution.read_text("direct_url.json") or "{}").get("url", "")
        if origin.rstrip("/") == "file://" + quote(os.path.realpath(source)):
            return distribution
    try:
        return metadata.distribution(name) if name else None
    except metadata.PackageNotFoundError:
        return None


def source_root(source: str, roots: tuple[str, ...], top: str) -> str | None:
    """The folder of the tree that holds a top-level module or package."""
    return next((root for root in roots if os.path.exists(os.path.join(source, root, top))), None)


def remove_empty_folders(site_packages: str, files: list[metadata.PackagePath]) -> None:
    folders = {
        os.path.join(site_packages, *file.parts[:depth])
        for file in files
        for depth in range(1, len(file.parts))
    }
    for folder in sorted(folders, key=len, reverse=True):
        shutil.rmtree(os.path.join(folder, "__pycache__"), ignore_errors=True)
        if os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
