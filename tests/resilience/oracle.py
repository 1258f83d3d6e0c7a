"""Two weeks and who sees them, as the promises have them: plain Python, and nothing of the program.

What a post should be answered with, and what should be stored then.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
AT_MOST = 20
COUNTS, ENTRIES, MOMENTS, NOTHING = "counts", "entries", "moments", "nothing"
TAKEN, REFUSED, ABSENT = 302, 422, 404


@dataclass
class Entry:
    day: date
    practice: str
    is_placed: bool = False
    line: str = ""
    is_removed: bool = False
    is_private: bool = False

    @property
    def is_seen(self) -> bool:
        return not self.is_private


@dataclass
class Oracle:
    now: datetime
    starts_on: date
    zone: str = "Europe/Stockholm"
    hour: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    pauses: list[tuple[date, date]] = field(default_factory=list)
    is_member: bool = False
    granted: dict[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return (self.now.astimezone(ZoneInfo(self.zone)) - timedelta(hours=self.hour)).date()

    @property
    def dates(self) -> list[date]:
        found: list[date] = []
        day = self.starts_on
        while len(found) < 14:
            if not any(first <= day <= last for first, last in self.pauses):
                found.append(day)
            day += DAY
        return found

    # --- Entries ----------------------------------------------------------------------------------

    def save(
        self, key: str, day: date, practice: str, *, done: bool | None, line: str | None
    ) -> int:
        """The state that is wanted, so the same once more changes nothing."""
        if day not in self.dates:
            return ABSENT
        if day > self.today:
            return REFUSED
        entry = self.entries.get(key)
        if entry is None:
            kept = [
                other
                for other in self.entries.values()
                if (other.day, other.practice) == (day, practice) and not other.is_removed
            ]
            if len(kept) >= AT_MOST:
                return REFUSED
            entry = self.entries[key] = Entry(day, practice)
        if entry.is_removed or (entry.day, entry.practice) != (day, practice):
            return REFUSED
        if done is not None:
            entry.is_placed = done
        # A stone's post comes from a page that may be old: it empties no words.
        entry.line = line or entry.line
        return TAKEN

    def remove(self, key: str) -> int:
        self.entries[key].is_removed = True
        return 200

    def restore(self, key: str) -> int:
        self.entries[key].is_removed = False
        return TAKEN

    def keep_private(self, key: str, *, is_private: bool) -> int:
        self.entries[key].is_private = is_private
        return TAKEN

    # --- Days -------------------------------------------------------------------------------------

    @property
    def last_used(self) -> date | None:
        return max((entry.day for entry in self.entries.values()), default=None)

    @property
    def open_pause(self) -> tuple[date, date] | None:
        """The one that runs or comes. What was put down after one tells that it is over, also
        where a journey has made it yesterday again."""
        for first, last in self.pauses:
            if last >= self.today and (self.last_used is None or self.last_used < first):
                return first, last
        return None

    def pause(self, back_on: date) -> int:
        if self.today > self.dates[-1]:
            return TAKEN  # there is nothing to pause; Today says so
        known = self.open_pause
        last_used = self.last_used
        is_free = last_used is None or last_used < self.today
        from_day = self.today if is_free or last_used is None else last_used + DAY
        ahead = [day for day in self.dates if day >= from_day]
        if not known and not ahead:
            return REFUSED
        first = known[0] if known else ahead[0]
        if back_on <= max(first, self.today):
            return REFUSED
        if first == self.starts_on:
            self.starts_on = back_on
            return TAKEN
        self.pauses = [pause for pause in self.pauses if pause[0] != first]
        self.pauses.append((first, back_on - DAY))
        return TAKEN

    def end_pause(self) -> int:
        known = self.open_pause
        if known:
            self.pauses.remove(known)
            if known[0] < self.today:
                self.pauses.append((known[0], self.today - DAY))
        return TAKEN

    # --- Who sees it ------------------------------------------------------------------------------

    def join(self, scope: str, coaches: list[str]) -> int:
        if not self.is_member:
            self.is_member = True
            self.granted = dict.fromkeys(coaches, scope)
        return TAKEN

    def leave(self) -> int:
        if not self.is_member:
            return ABSENT
        self.is_member, self.granted = False, {}
        return TAKEN

    def let_see(self, coach: str, scope: str) -> int:
        if not self.is_member:
            return ABSENT
        if scope == NOTHING:
            self.granted.pop(coach, None)
        else:
            self.granted[coach] = scope
        return TAKEN

    def seen_by(self, coach: str) -> set[str]:
        """The entries whose words they read."""
        if self.granted.get(coach) not in {ENTRIES, MOMENTS}:
            return set()
        return {key for key, entry in self.entries.items() if entry.is_seen}
