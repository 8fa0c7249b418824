"""Times of the week in which a campaign may begin something: `mon-fri 08:00-17:00`, `sat 22:00-24:00`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, model_validator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")


class Window(BaseModel):
    """Days of the week from 0, Monday, and minutes of the day from and to; past midnight it ends on the next day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: tuple[int, ...]
    begin: int
    end: int

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = _FORM.fullmatch(value.strip().lower())
        if not found or found[1] not in DAYS or (found[2] or "mon") not in DAYS:
            raise ValueError(f"'{value}' is no window; write 'mon-fri 08:00-17:00' or 'sat 22:00-06:00'")
        begin, end = (int(found[hour]) * 60 + int(found[hour + 1]) for hour in (3, 5))
        if max(begin, end) > 24 * 60 or int(found[4]) > 59 or int(found[6]) > 59 or begin == end:
            raise ValueError(f"'{value}' is no window: times go from 00:00 to 24:00")
        first = DAYS.index(found[1])
        last = DAYS.index(found[2]) if found[2] else first
        days = tuple((first + number) % 7 for number in range((last - first) % 7 + 1))
        return {"days": days, "begin": begin, "end": end}

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at a local time."""
        minute = at.hour * 60 + at.minute
        if self.begin < self.end:
            return at.weekday() in self.days and self.begin <= minute < self.end
        late = at.weekday() in self.days and minute >= self.begin
        return late or ((at.weekday() - 1) % 7 in self.days and minute < self.end)


def opens_at(windows: Sequence[Window], timezone: str, now: datetime) -> datetime | None:
    """When one of the windows opens, in local time; None if one is open, or there are none. `now` is in UTC."""
    zone = ZoneInfo(timezone)
    at = now.replace(tzinfo=UTC)
    if not windows or any(each.is_open(at.astimezone(zone)) for each in windows):
        return None
    at = at.replace(second=0, microsecond=0)
    for minutes in range(1, 8 * 24 * 60):
        local = (at + timedelta(minutes=minutes)).astimezone(zone)
        if any(each.is_open(local) for each in windows):
            return local
    raise AssertionError("a window opens at least once a week")
