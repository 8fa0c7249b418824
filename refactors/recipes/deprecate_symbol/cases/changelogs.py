"""Changelogs of several forms."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.deprecate_symbol.cases.warning import warn

_ACME = {"acme.py": "import warnings\n\n\ndef fetch(): pass\n"}
_AFTER = {"acme.py": "import warnings\n\n\ndef fetch():\n" + warn("acme.fetch") + "    pass\n"}


def _log(name: str, path: str, before: str, after: str | None) -> Case:
    return Case(
        f"changelog: {name}",
        {"symbol": "acme.fetch", "since": "2.0"},
        {**_ACME, path: before},
        _AFTER | ({path: after} if after else {}),
        unresolved=() if after else (f"{path}:1",),
    )


CHANGELOG_CASES = (
    _log(
        "an empty section, links below",
        "CHANGELOG.md",
        "# Changes\n\n## [Unreleased]\n\n## [1.0] - 2020-01-01\n\n- x\n\n[Unreleased]: https://example.org\n",
        "# Changes\n\n## [Unreleased]\n\n- `acme.fetch` is deprecated.\n\n## [1.0] - 2020-01-01\n\n- x\n\n"
        "[Unreleased]: https://example.org\n",
    ),
    _log(
        "headings in Keep a Changelog's order",
        "CHANGELOG.md",
        "## [Unreleased]\n\n### Added\n\n* a\n\n### Fixed\n\n* b\n\n## [1.0]\n",
        "## [Unreleased]\n\n### Added\n\n* a\n\n### Deprecated\n\n* `acme.fetch` is deprecated.\n\n### Fixed\n\n* b\n\n"
        "## [1.0]\n",
    ),
    _log(
        "a heading for deprecations, the last of the file",
        "CHANGES.md",
        "## Unreleased\n### Deprecated\n- a\n  and more",
        "## Unreleased\n### Deprecated\n- a\n  and more\n- `acme.fetch` is deprecated.\n",
    ),
    _log(
        "reStructuredText, by version",
        "docs/changes.rst",
        "Changes\n=======\n\n2.0.0 (unreleased)\n------------------\n\n* a\n  b\n\n1.0\n---\n\n* x\n",
        "Changes\n=======\n\n2.0.0 (unreleased)\n------------------\n\n* a\n  b\n* ``acme.fetch`` is deprecated.\n\n"
        "1.0\n---\n\n* x\n",
    ),
    _log(
        "the version itself",
        "HISTORY.rst",
        "2.0\n---\n\n1.0\n---\n",
        "2.0\n---\n\n- ``acme.fetch`` is deprecated.\n\n1.0\n---\n",
    ),
    _log("no section of what is not released", "CHANGELOG.md", "## 1.0\n\n- x\n", None),
    _log("of sentences", "CHANGES.txt", "Version 1.0 brings much.\n", None),
)
