"""Pictures of a project's pages at base and at head, for the people who review a change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from overhaul.flows.progress import tell
from overhaul.flows.testing import Checkout, file_name, log_path
from overhaul.sandbox.screenshots import (
    NoScreenshots,
    Screenshot,
    ScreenshotPlan,
    load,
    save,
    take_screenshots,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A page before and after. One of them is missing where only one side asks for it."""

    page: str
    before: Screenshot | None
    after: Screenshot | None

    @property
    def differs(self) -> bool:
        if self.before is None or self.after is None:
            return True
        same_answer = (self.before.status, self.before.errors) == (self.after.status, self.after.errors)
        return bool(self.after.changed) or not same_answer

    @property
    def difference(self) -> str:
        """In words, for a list."""
        if self.before is None or self.after is None:
            return "new" if self.before is None else "gone"
        words = []
        if self.after.changed:
            words.append(f"{self.after.changed / max(1, self.after.pixels):.2%} of pixels differ")
        if self.before.status != self.after.status:
            words.append(f"HTTP {self.before.status} before, {self.after.status} now")
        if self.before.errors != self.after.errors:
            words.append(f"{len(self.before.errors)} script errors before, {len(self.after.errors)} now")
        return "; ".join(words) or "same"


@dataclass(frozen=True, slots=True)
class Pictures:
    """Folders of pictures, or the `reason` why there are none."""

    before: str = ""
    after: str = ""
    reason: str = ""

    def pairs(self) -> list[Pair]:
        if self.reason:
            return []
        before = {shot.page: shot for shot in load(Path(self.before))}
        after = {shot.page: shot for shot in load(Path(self.after))}
        return [Pair(page, before.get(page), after.get(page)) for page in dict.fromkeys((*after, *before))]


def picture_commit(checkout: Checkout, run_folder: Path, name: str, before: str = "") -> tuple[str, str]:
    """Take the pictures that a commit asks for; returns their folder, or the reason why there are none.

    Both are empty where it asks for none. `before` is a folder of pictures to compare them with, or "".
    """
    tree = run_folder / "trees" / file_name(name)
    pictures = run_folder / "screenshots" / file_name(name)
    with checkout.exported(tree) as (folder, siblings):
        try:
            plan = ScreenshotPlan.read(folder)
            if plan is None:
                return "", ""
            tell("taking pictures")
            taken = take_screenshots(
                checkout.provider,
                checkout.environment,
                folder,
                plan,
                log=log_path(run_folder, name),
                before=Path(before) if before else None,
                beside=siblings,
            )
        except NoScreenshots as error:
            return "", f"{name}: {error}"
    save(taken, pictures)
    return str(pictures), ""
