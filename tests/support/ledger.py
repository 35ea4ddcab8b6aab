"""A store that keeps a ledger of what a run writes: each slice a line, and the largest record of all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.runs.record import RESULTS
from functions.storage import Put, Write
from tests.support.faults import CountingBlobs, CountingRecords
from tests.support.stores import Store


@dataclass
class Line:
    """The calls of a store, by name, and the bytes that were written."""

    calls: Counter[str]
    written: int


@dataclass
class Ledger:
    """``calls`` and ``written`` since the last result of a task; ``lines``: those before each such result.

    ``largest`` is the largest record that was tried to be written: its bytes, and where.
    """

    calls: Counter[str] = field(default_factory=Counter)
    written: int = 0
    lines: list[Line] = field(default_factory=list)
    largest: tuple[int, str] = (0, "")

    def over(self, store: Store) -> dict[str, Any]:
        """The records and the blobs of ``store``, which write into this ledger."""
        return {"records": _Records(store.records, self), "blobs": _Blobs(store.blobs, self)}

    def begin(self) -> None:
        """Forget what was until now, but for the largest record."""
        self.lines.clear()
        self._turn()

    def total(self) -> Line:
        """All that was since `begin`."""
        calls = sum((line.calls for line in self.lines), Counter(self.calls))
        return Line(calls, self.written + sum(line.written for line in self.lines))

    def wrote(self, writes: Sequence[Write]) -> None:
        """Enter one transaction, and end the line if it holds a result."""
        for write in writes:
            if isinstance(write, Put):
                self.written += len(write.body)
                self.largest = max(self.largest, (len(write.body), f"{write.partition} {write.key}"))
        if any(isinstance(write, Put) and f"/{RESULTS.name}/" in write.partition for write in writes):
            self.lines.append(Line(Counter(self.calls), self.written))
            self._turn()

    def _turn(self) -> None:
        self.calls.clear()  # the wrappers hold this very counter
        self.written = 0


class _Records(CountingRecords):
    def __init__(self, inner: Any, ledger: Ledger) -> None:
        super().__init__(inner, ledger.calls)
        self._ledger = ledger

    def write(self, writes: Sequence[Write]) -> None:
        super().write(writes)
        self._ledger.wrote(writes)


class _Blobs(CountingBlobs):
    def __init__(self, inner: Any, ledger: Ledger) -> None:
        super().__init__(inner, ledger.calls)
        self._ledger = ledger

    def put(self, key: str, data: bytes) -> None:
        super().put(key, data)
        self._ledger.written += len(data)
