"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "the new range begins where it is wanted; what else was asked for stays, and still allows a version",
    "the name in any spelling (PEP 503), in pyproject.toml, Pipfile, setup.cfg, a literal setup.py and requirements",
    "nothing but the constraint changes in a file: comments, markers, extras, line ends stay byte for byte",
)
REPORTS = (
    "downgrades, upper bounds in the way, other files of the project that allow no common version",
    "environment markers (-p markers=yes) and what the build needs (-p build=yes), unless asked for",
    "lock files, lines with hashes and files that pip-compile or uv have made: with the command that makes them again",
    "addresses, computed dependencies, conda files, versions in tox.ini, noxfile.py, Dockerfiles and workflows",
    "fixtures and vendored code: files that may be of another project",
)
OUT_OF_REACH = (
    "whether the release exists, which Pythons it is for, what it needs itself and what it breaks",
    "versions in documentation, shell scripts and other text",
)
