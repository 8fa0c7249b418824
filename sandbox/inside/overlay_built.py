"""Put what a build made (extension modules, generated files, links to Node's packages) into a work tree.

A folder that the tree does not have is made inside a package only: elsewhere it would bring a package that was
renamed or removed back to life, as an empty namespace. `node_modules` are no such folders.

    overlay_built.py BUILT TREE
"""

from __future__ import annotations

import os
import shutil
import sys


def overlay(built: str, tree: str) -> None:
    for place, folders, names in os.walk(built):
        path = os.path.relpath(place, built)
        below = os.path.normpath(os.path.join(tree, path))
        if not os.path.isdir(below):
            above = os.path.dirname(below)
            is_nodes = "node_modules" in path.split(os.sep) and os.path.isdir(above)
            if not is_nodes and not os.path.exists(os.path.join(above, "__init__.py")):
                folders.clear()
                continue
            os.mkdir(below)
        for name in names + folders:
            source, target = os.path.join(place, name), os.path.join(below, name)
            if os.path.lexists(target):
                continue
            if os.path.islink(source):
                os.symlink(os.readlink(source), target)
            elif name in names:
                shutil.copy2(source, target)


if __name__ == "__main__":
    overlay(*sys.argv[1:])
