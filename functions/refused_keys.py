"""The API keys that one process has refused, counted."""

from collections import Counter
from datetime import datetime, timedelta
from threading import Lock


class RefusedKeys:
    """How many keys this process has refused, told in one line a burst, however many they are.

    The first one is told at once. Those of the minute after it are counted, and told with the next one that comes.
    """

    BURST = timedelta(minutes=1)
    MOST_IDS = 8

    def __init__(self) -> None:
        self.total = 0
        self._untold: Counter[str] = Counter()
        self._quiet_until: datetime | None = None
        self._lock = Lock()

    def add(self, key_id: str | None, now: datetime) -> str | None:
        """Count one key, by its id if it has the form of a key; the line to log, or None for now."""
        named = "no valid form" if key_id is None else f"id {key_id}"
        with self._lock:
            self.total += 1
            known = named in self._untold or len(self._untold) < self.MOST_IDS
            self._untold[named if known else "other ids"] += 1
            if self._quiet_until is not None and now < self._quiet_until:
                return None
            self._quiet_until = now + self.BURST
            told, self._untold = self._untold, Counter()
        which = ", ".join(f"{name}: {times}" for name, times in told.most_common())
        return f"refused {told.total()} API keys since the last such line ({which}); {self.total} in all"
