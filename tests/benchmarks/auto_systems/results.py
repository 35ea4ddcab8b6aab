"""The raw results: a CSV file to which each run of a system is appended, so that what stops goes on later."""

import csv
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

Key = tuple[str, str, str, int, float]


class InUse(Exception):
    """Another benchmark writes the same file; two at once would disturb each other."""


@dataclass(frozen=True)
class Line:
    """One system on one split of one table.

    ``budget`` and ``seconds`` are those of training that were allowed and used, ``loss`` is the log loss in nats or the
    root mean squared error on the held-out rows, ``constant_loss`` that of the training rows' class shares or mean.
    ``others`` is how many cores other programs used meanwhile. Without an answer ``error`` says why, and the figures
    are None.
    """

    date: str
    table: str
    split: int
    budget: float
    system: str
    version: str
    commit: str
    loss: float | None
    constant_loss: float
    seconds: float | None
    artifact_bytes: int | None
    latency_ms: float | None
    others: float | None
    choice: str
    error: str

    @property
    def key(self) -> Key:
        """What is not measured twice. Lepton's version is its commit, too; that of the others is not."""
        return key(self.system, self.version, self.commit, self.table, self.split, self.budget)


def key(system: str, version: str, commit: str, table: str, split: int, budget: float) -> Key:
    """See `Line.key`."""
    return (system, f"{version} {commit}" if system == "lepton" else version, table, split, budget)


NAMES = tuple(field.name for field in fields(Line))
_NUMBERS = {"split": int, "artifact_bytes": int} | dict.fromkeys(
    ("budget", "loss", "constant_loss", "seconds", "latency_ms", "others"), float
)


def read(path: Path) -> list[Line]:
    """All whole lines of the file, in the order in which they were measured; none if it is missing."""
    if not path.exists():
        return []
    return [_line(row) for row in csv.DictReader(io.StringIO(_whole(path)))]


def append(path: Path, line: Line) -> None:
    """Add a line behind the last whole one: what a killed run wrote of a line is cut off."""
    whole = _whole(path) if path.exists() else ""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if not whole:
        writer.writerow(NAMES)
    writer.writerow(_cell(value) for value in asdict(line).values())
    with path.open("r+b" if path.exists() else "wb") as file:
        file.truncate(len(whole.encode()))
        file.seek(0, os.SEEK_END)
        file.write(text.getvalue().encode())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other runs from the file; `InUse` if one is under way."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(f"another run writes {path}; wait until it has ended") from None
        yield


def _whole(path: Path) -> str:
    content = path.read_text(encoding="utf-8")
    return content[: content.rfind("\n") + 1]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.9g}"
    return "" if value is None else " ".join(str(value).split())


def _line(row: dict[str, str]) -> Line:
    return Line(
        **{
            name: row[name] if name not in _NUMBERS else _NUMBERS[name](row[name]) if row[name] else None
            for name in NAMES
        }
    )
