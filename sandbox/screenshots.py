"""Pictures of a project's pages before and after a change, taken in the sandbox by `inside/take_screenshots.py`.

What to look at is in the repository's own `.overhaul/screenshots.toml`:

    serve = ["{python}", "-m", "flask", "--app", "shop", "run", "--port", "{port}"]
    pages = ["/", "/about"]
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from overhaul.sandbox.errors import SandboxError
from overhaul.sandbox.provider import Command, Environment, Limits, Provider
from overhaul.sandbox.records import RecordParser
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.system_packages import SCREENSHOTS_FILE
from overhaul.sandbox.test_run import python_path

BEFORE = "overhaul-before"
LIMITS = Limits(wall_seconds=300.0)
MOST_PAGES = 50
# Of one picture, in base64.
MOST_CHARACTERS = 16 << 20
# Of all pictures, each of up to LONGEST_RECORD bytes.
MOST_PARTS = 40_000
_PNG = b"\x89PNG\r\n\x1a\n"


class NoScreenshots(SandboxError):
    """Says why pictures could not be taken."""


@dataclass(frozen=True, slots=True)
class ScreenshotPlan:
    """`serve` starts a server on {port} (also $PORT) of 127.0.0.1; `pages` are paths on it; sizes are in pixels."""

    serve: tuple[str, ...]
    pages: tuple[str, ...]
    width: int = 1280
    height: int = 800
    ready_seconds: float = 60.0

    @classmethod
    def read(cls, folder: Path) -> ScreenshotPlan | None:
        """What a repository asks for; None if it does not. Raises NoScreenshots."""
        path = folder / SCREENSHOTS_FILE
        if not path.is_file():
            return None
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise NoScreenshots(f"{SCREENSHOTS_FILE}: {error}") from error
        unknown = set(data) - {"serve", "pages", "width", "height", "ready_seconds"}
        if unknown:
            raise NoScreenshots(
                f"{SCREENSHOTS_FILE}: {min(unknown)!r} is unknown: serve, pages, width, height"
            )
        for name in ("serve", "pages"):
            if not _are_words(data.get(name)):
                raise NoScreenshots(f"{SCREENSHOTS_FILE}: {name} must be a list of strings")
        if not all(page.startswith("/") for page in data["pages"]) or len(data["pages"]) > MOST_PAGES:
            raise NoScreenshots(
                f"{SCREENSHOTS_FILE}: pages are paths that begin with /, {MOST_PAGES} at most"
            )
        numbers = {name: data[name] for name in ("width", "height", "ready_seconds") if name in data}
        if not all(isinstance(value, int | float) and 0 < value <= 10_000 for value in numbers.values()):
            raise NoScreenshots(f"{SCREENSHOTS_FILE}: {', '.join(numbers)} must be numbers up to 10000")
        return cls(tuple(data["serve"]), tuple(dict.fromkeys(data["pages"])), **numbers)


@dataclass(frozen=True, slots=True)
class Screenshot:
    """One page: a PNG, its HTTP status and its scripts' errors. Compared with an earlier one also `changed` pixels of
    `pixels`, and a PNG of where they are.
    """

    page: str
    picture: bytes
    status: int
    errors: tuple[str, ...] = ()
    changed: int | None = None
    pixels: int = 0
    difference: bytes = b""


@dataclass(slots=True)
class _Heard:
    """What the script said of the `wanted` pages; the server runs beside it, and may say more than that."""

    wanted: Sequence[str]
    parts: int = 0
    pictures: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    reason: str = "the command ended early"
    ended: bool = False

    def take(self, record: dict[str, Any]) -> None:
        kind, page = record.get("kind"), str(record.get("page"))
        if kind in ("picture", "difference") and page in self.wanted:
            self.parts += 1
            if self.parts <= MOST_PARTS:
                self.pictures.setdefault((str(kind), page), []).append(str(record.get("part")))
        elif kind == "page" and page in self.wanted:
            self.pages[page] = record
        elif kind == "failed":
            self.reason = str(record.get("reason"))
        elif kind == "end":
            self.ended = True

    def picture(self, kind: str, page: str) -> bytes:
        text = "".join(self.pictures.get((kind, page), ()))
        try:
            data = base64.b64decode(text, validate=True) if len(text) <= MOST_CHARACTERS else b""
        except binascii.Error:
            return b""
        # Nothing here decodes it: that is left to the browser of who looks at it.
        return data if data.startswith(_PNG) else b""


def take_screenshots(
    provider: Provider,
    environment: Environment,
    source: Path,
    plan: ScreenshotPlan,
    *,
    log: Path,
    before: Path | None = None,
    beside: Mapping[str, Path] | None = None,
) -> list[Screenshot]:
    """Take a picture of each page of the tree in `source`, compared with those in `before` (`save` wrote them).

    Raises NoScreenshots, and SandboxLost if the sandbox itself failed.
    """
    if provider.name == "landlock":
        raise NoScreenshots(
            "Chromium needs unix sockets, which landlock refuses: --sandbox docker or bubblewrap"
        )
    siblings = dict(beside or {})
    redactor = Redactor(os.environ)
    heard = _Heard(plan.pages)
    mark = secrets.token_hex(16)
    log.parent.mkdir(parents=True, exist_ok=True)
    trees = siblings | ({BEFORE: before} if before else {})
    with log.open("wb") as file, provider.open(source, environment, trees) as workspace:
        wanted = {
            "mark": mark,
            "serve": plan.serve,
            "pages": plan.pages,
            "width": int(plan.width),
            "height": int(plan.height),
            "ready_seconds": plan.ready_seconds,
            "before": _earlier(before, f"{workspace.root.rpartition('/')[0]}/beside/{BEFORE}"),
        }
        stream = redactor.stream(file.write)
        parser = RecordParser(mark, heard.take, stream.add)
        variables = {
            "PYTHONPATH": python_path(workspace, source, siblings),
            "OVERHAUL_SCREENSHOTS": json.dumps(wanted),
        }
        script = ["{python}", f"{workspace.tools}/take_screenshots.py"]
        outcome = workspace.run(Command(script, variables, limits=LIMITS), parser.add)
        parser.flush()
        stream.flush()
    if not heard.ended:
        reason = heard.reason if outcome.status == "exited" else outcome.status
        raise NoScreenshots(redactor.text(reason))
    if heard.parts > MOST_PARTS:
        raise NoScreenshots("the pictures are too large")
    return [_screenshot(heard, page, redactor) for page in plan.pages if page in heard.pages]


def _earlier(before: Path | None, inside: str) -> dict[str, str]:
    """Where each page's earlier picture is, for a folder that is `inside` the workspace."""
    return (
        {page["page"]: f"{inside}/{number}.png" for number, page in enumerate(_facts(before))}
        if before
        else {}
    )


def save(screenshots: Sequence[Screenshot], folder: Path) -> None:
    """Write the pictures as N.png and N-difference.png, and what is known of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(screenshots):
        (folder / f"{number}.png").write_bytes(each.picture)
        if each.difference:
            (folder / f"{number}-difference.png").write_bytes(each.difference)
    left_out = ("picture", "difference")
    facts = [{k: v for k, v in asdict(each).items() if k not in left_out} for each in screenshots]
    (folder / "pages.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")


def load(folder: Path) -> list[Screenshot]:
    """Read what `save` wrote."""
    found = []
    for number, facts in enumerate(_facts(folder)):
        difference = folder / f"{number}-difference.png"
        found.append(
            Screenshot(
                picture=(folder / f"{number}.png").read_bytes(),
                difference=difference.read_bytes() if difference.is_file() else b"",
                **facts | {"errors": tuple(facts["errors"])},
            )
        )
    return found


def _facts(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "pages.json").read_text(encoding="utf-8"))
    return found


def _screenshot(heard: _Heard, page: str, redactor: Redactor) -> Screenshot:
    facts = heard.pages[page]
    errors = facts.get("errors") or []
    made = Screenshot(
        page=page,
        picture=heard.picture("picture", page),
        status=_number(facts.get("status")),
        errors=tuple(map(redactor.text, errors)) if _are_words(errors) else (),
    )
    if not made.picture:
        raise NoScreenshots(f"{page}: no picture came")
    if "changed" not in facts:
        return made
    changed, pixels = _number(facts["changed"]), _number(facts.get("pixels"))
    return replace(made, changed=changed, pixels=pixels, difference=heard.picture("difference", page))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 1 << 32 else 0


def _are_words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(word, str) for word in value)
