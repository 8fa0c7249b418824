"""Put what a build made (extension modules, generated files) into a work tree, beside the sources.

A folder that the tree does not have is made inside a package only: elsewhere it would bring a package that was
renamed or removed back to life, as an empty namespace.

    overlay_built.py BUILT TREE
"""

from __future__ import annotations

import os
import shutil
import sys


def overlay(built: str, tree: str) -> None:
    for place, folders, names in os.walk(built):
        below = os.path.normpath(os.path.join(tree, os.path.relpath(place, built)))
        if not os.path.isdir(below):
            if not os.path.exists(os.path.join(os.path.dirname(below), "__init__.py")):
                folders.clear()
                continue
            os.mkdir(below)
        for name in names:
            if not os.path.exists(os.path.join(below, name)):
                shutil.copy2(os.path.join(place, name), os.path.join(below, name))


if __name__ == "__main__":
    overlay(*sys.argv[1:])
