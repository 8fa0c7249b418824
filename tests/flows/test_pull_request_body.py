"""A campaign's own text of a pull request."""

from __future__ import annotations

import pytest
from jinja2 import TemplateError

from overhaul.flows.errors import PublishError
from overhaul.flows.pull_request_body import check_template, fill_body

FACTS = {"evidence": "## Tests\n6 passed", "title": "Rename", "repository": "acme"}
PARAMETERS = {"old": "a.b", "new": "c", "title": "not this"}


def test_names_are_filled_in_and_facts_win_over_parameters() -> None:
    text = fill_body("{{ title }}: {{ old }} in {{ repository }}\n\n{{ evidence }}\n", FACTS, PARAMETERS)
    assert text == "Rename: a.b in acme\n\n## Tests\n6 passed\n"


def test_evidence_is_never_left_out() -> None:
    assert fill_body("Please merge.\n", FACTS, PARAMETERS) == "Please merge.\n\n## Tests\n6 passed"
    assert fill_body("  ", FACTS, PARAMETERS) == FACTS["evidence"]


def test_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(PublishError, match=r"'ticket' is undefined\. It knows: .*evidence.*old"):
        fill_body("{{ ticket }}", FACTS, PARAMETERS)


def test_template_reaches_nothing_of_python() -> None:
    with pytest.raises(PublishError, match=r"unsafe|undefined"):
        fill_body("{{ title.__class__.__mro__[1].__subclasses__() }}", FACTS, PARAMETERS)


def test_broken_template_is_found_before_anything_is_done() -> None:
    with pytest.raises(TemplateError):
        check_template("{% if %}")
