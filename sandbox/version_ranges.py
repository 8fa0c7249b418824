"""Version ranges as Poetry, Pipenv and conda write them, in the words of PEP 440."""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet

_RELEASE = re.compile(r"v?(\d{1,9}(?:\.\d{1,9})*)(.*)")


def poetry_range(text: str) -> str | None:
    """`^1.2`, `~1.2`, `1.*`, `1.2.3` and PEP 440's own; None if it cannot be read.

    Of a union (`^1 || ^3`), which PEP 440 has no words for, everything between its ends is taken.
    Source: https://python-poetry.org/docs/dependency-specification/
    """
    unions = [_joined(part) for part in re.split(r"\|\|?", text)]
    if None in unions:
        return None
    if len(unions) > 1:
        # Any version at all in one part is any version at all.
        first, last = ((part or "").split(",") for part in (unions[0], unions[-1]))
        lower = [
            each.replace("==", ">=") for each in first if each.startswith((">", "==")) and "*" not in each
        ]
        upper = [
            each.replace("==", "<=") for each in last if each.startswith(("<", "==")) and "*" not in each
        ]
        return ",".join([*lower, *upper])
    return unions[0]


def conda_range(text: str) -> str | None:
    """`=1.2`, `1.2.*`, `1.2.3=build`, `>=1,<2`; None for what PEP 440 cannot say.

    Source: https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html
    """
    text = text.strip()
    if not text or text == "*":
        return ""
    if "|" in text:
        return None
    if text[0] in "<>!~":
        return _valid(text.replace(" ", ""))
    exact = text.startswith("==")
    version, _, build = text.lstrip("=").partition("=")
    version = version.strip()
    if not exact and not build and not version.endswith("*"):
        # One equals sign, or none in a list's `name 1.2`, means "begins with".
        version += ".*" if text.startswith("=") or " " not in text else ""
    return _valid("==" + re.sub(r"(?<=\d)\*$", ".*", version))


def _joined(text: str) -> str | None:
    """All conditions of one part, which commas or spaces part."""
    text = re.sub(r"([<>=!~^])\s+", r"\1", text.strip())
    conditions = [_condition(each) for each in re.split(r"[,\s]+", text) if each]
    if None in conditions:
        return None
    return _valid(",".join(each for each in conditions if each))


def _condition(text: str) -> str | None:
    """One condition, or "" for any version."""
    if text in ("*", "==*"):
        return ""
    if text.startswith("^") or (text.startswith("~") and not text.startswith("~=")):
        match = _RELEASE.fullmatch(text[1:])
        return _up_to_next(match[1], match[2], caret=text[0] == "^") if match else None
    if text[0] == "=" and not text.startswith("=="):
        return "=" + text
    return text if text[0] in "<>!=~" else f"=={text.removeprefix('v')}"


def _up_to_next(release: str, rest: str, *, caret: bool) -> str:
    """`^1.2.3` is up to the next of its first number that is not 0, `~1.2.3` up to the next of its second."""
    numbers = [int(number) for number in release.split(".")]
    place = min(1, len(numbers) - 1)
    if caret:
        place = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
    upper = ".".join(map(str, [*numbers[:place], numbers[place] + 1]))
    return f">={release}{rest},<{upper}"


def _valid(text: str) -> str | None:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return None
    return text
