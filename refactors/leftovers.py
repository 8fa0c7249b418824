"""Which unresolved sites may be code that runs, so that what they may mean has to stay callable."""

from __future__ import annotations

import re
from collections.abc import Iterable

from overhaul.refactors.docstrings import docstrings
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Site

_DOCUMENTS = (".rst", ".md", ".txt")


def running_sites(project: Project, sites: Iterable[Site]) -> list[Site]:
    """Return the sites that are not in documentation: in code, strings, stubs and packaging files."""
    return [site for site in sites if not _is_documentation(project, site)]


def _is_documentation(project: Project, site: Site) -> bool:
    if site.path.endswith(_DOCUMENTS):
        return True
    module = project.module(site.path) if site.path.endswith((".py", ".pyi")) else None
    if module is None:
        return False
    offset = module.source.offset_of_character(site.line, site.column)
    return offset is not None and any(
        module.source.start(each) <= offset < module.source.end(each) for each in docstrings(module)
    )


def without_options(reason: str) -> str:
    """Return a reason of rename-symbol without the option that only that recipe has."""
    return re.sub(r"; -p \w+=\w+ edits (?:it|them)", "", reason)
