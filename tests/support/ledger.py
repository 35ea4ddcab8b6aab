"""A store that keeps a ledger of what a run writes: each slice a line, and the largest record of all."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from functions.runs.record import RESULTS
from functions.storage import Put
from tests.support.stores import Store
from tests.support.watched import Call, WatchedBlobs, WatchedRecords


@dataclass
class Line:
    """The calls of a store, by name, and the bytes that were written."""

    calls: Counter[str]
    written: int


@dataclass
class Ledger:
    """``calls`` and ``written`` since the last result of a task; ``lines``: those before each such result.

    ``largest`` is the largest record that was written: its bytes, and where.
    """

    calls: Counter[str] = field(default_factory=Counter)
    written: int = 0
    lines: list[Line] = field(default_factory=list)
    largest: tuple[int, str] = (0, "")

    def over(self, store: Store) -> dict[str, Any]:
        """The records and the blobs of ``store``, which write into this ledger."""
        return {
            "records": WatchedRecords(store.records, before=self._called, after=self._done),
            "blobs": WatchedBlobs(store.blobs, before=self._called, after=self._done),
        }

    def begin(self) -> None:
        """Forget what was until now, but for the largest record."""
        self.lines.clear()
        self._turn()

    def total(self) -> Line:
        """All that was since `begin`."""
        calls = sum((line.calls for line in self.lines), Counter(self.calls))
        return Line(calls, self.written + sum(line.written for line in self.lines))

    def _called(self, call: Call) -> None:
        self.calls[call.name] += 1

    def _done(self, call: Call) -> None:
        """Enter what was written; a result ends the line."""
        if call.name == "blobs.put":
            self.written += len(call.arguments[1])
        puts = [write for write in call.writes if isinstance(write, Put)]
        for write in puts:
            self.written += len(write.body)
            self.largest = max(self.largest, (len(write.body), f"{write.partition} {write.key}"))
        if any(f"/{RESULTS.name}/" in write.partition for write in puts):
            self.lines.append(Line(self.calls, self.written))
            self._turn()

    def _turn(self) -> None:
        self.calls, self.written = Counter(), 0
