"""A campaign's own text of a pull request, from a template; the evidence is always in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from overhaul.flows.errors import PublishError

NAMES = frozenset({"evidence", "title", "repository", "campaign", "recipe", "branch"})


def check_template(template: str) -> None:
    """Raises jinja2.TemplateError where it is none."""
    _templates().parse(template)


def fill_body(template: str, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    """The text of a pull request: the template with facts (`NAMES`) and the recipe's parameters in their places.

    A template that leaves the evidence out has it at its end. Raises PublishError for a name that nothing has.
    """
    if not template.strip():
        return str(facts["evidence"])
    try:
        text = _templates().from_string(template).render({**parameters, **facts})
    except TemplateError as error:
        known = ", ".join(sorted({*NAMES, *parameters}))
        raise PublishError(
            f"the template of the pull request: {error.message}. It knows: {known}."
        ) from error
    evidence = str(facts["evidence"])
    return text if evidence in text else f"{text.rstrip()}\n\n{evidence}"


def _templates() -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
