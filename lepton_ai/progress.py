"""How long work is shown: a bar on a terminal, plain lines elsewhere, nothing when quiet. All on stderr."""

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from lepton_ai.show import duration, figure, progress

if TYPE_CHECKING:
    from rich.progress import Progress

_LINE_SECONDS = 2.0
_LINE_SHARE = 0.1
_WITHOUT_BARS = ("dumb", "unknown")
"""Terminals, by the variable TERM, whose cursor goes forward only."""


class Reporter(Protocol):
    """Told how far one piece of work has come."""

    def update(self, done: int, total: int, *, loss: float | None = None) -> None:
        """``done`` of ``total`` units (total 0: not known yet), with the newest loss, which is the objective."""
        ...

    def close(self, summary: str = "") -> None:
        """The work is over; ``summary`` is what stays to be read ("" leaves nothing)."""
        ...


class Silent:
    """Shows nothing."""

    def update(self, done: int, total: int, *, loss: float | None = None) -> None:
        """Nothing."""

    def close(self, summary: str = "") -> None:
        """Nothing."""


class Lines:
    """Plain lines: the first news, then about every tenth of the work or two seconds, and the last.

    ``at_once``: the title is news, however much work there is.
    """

    def __init__(
        self,
        title: str,
        unit: str,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
        *,
        at_once: bool = False,
    ) -> None:
        self._at_once = at_once
        self._title = title
        self._unit = unit
        self._stream = stream
        self._clock = clock
        self._shown_at = float("-inf")
        self._shown_done = -1
        self._pending = ""

    def update(self, done: int, total: int, *, loss: float | None = None) -> None:
        """Write a line if enough has happened since the last one."""
        if self._at_once and not total:
            self._write(self._title)
        self._at_once = False
        if not total or done == self._shown_done:
            return
        self._pending = self._line(done, total, loss)
        now = self._clock()
        first = self._shown_done < 0
        far = done - self._shown_done >= _LINE_SHARE * total
        late = now - self._shown_at >= _LINE_SECONDS
        if first or far or late or done >= total:
            self._write(self._pending)
            self._pending = ""
            self._shown_at, self._shown_done = now, done

    def close(self, summary: str = "") -> None:
        """Write what was held back, and the summary."""
        if self._pending:
            self._write(self._pending)
            self._pending = ""
        if summary:
            self._write(summary)

    def _line(self, done: int, total: int, loss: float | None) -> str:
        shown = f"{self._title}: {progress(self._unit, done, total)}"
        return shown if loss is None else f"{shown}, objective {figure(loss)}"

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


class Bar:
    """A bar with the live objective, the time gone and the time left; it gives way to the summary."""

    def __init__(
        self, title: str, unit: str, stream: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bar = _rich_bar(stream)
        self._unit = unit
        self._clock = clock
        self._task = self._bar.add_task(title, total=None, detail="waiting")
        self._first: tuple[float, int] | None = None
        self._bar.start()

    def update(self, done: int, total: int, *, loss: float | None = None) -> None:
        """Move the bar."""
        now = self._clock()
        if self._first is None:
            self._first = (now, done)
        detail = progress(self._unit, done, total) if total else "waiting"
        if loss is not None:
            detail += f"  objective {figure(loss)}"
        left = time_left(*self._first, now, done, total)
        if left is not None:
            detail += f"  {duration(left)} left"
        self._bar.update(self._task, completed=done, total=total or None, detail=detail)

    def close(self, summary: str = "") -> None:
        """Take the bar away and leave the summary."""
        self._bar.stop()
        if summary:
            self._bar.console.print(summary, markup=False, highlight=False, soft_wrap=True)


def time_left(began: float, before: int, now: float, done: int, total: int) -> float | None:
    """Seconds until ``done`` is ``total`` at the pace since ``began``, when it was ``before``; None: unknown.

    >>> time_left(0.0, 0, 10.0, 25, 100)
    30.0
    """
    if done <= before or now <= began:
        return None
    return (total - done) * (now - began) / (done - before)


def reporter(
    title: str, unit: str, *, quiet: bool = False, stream: TextIO | None = None, at_once: bool = False
) -> Reporter:
    """The reporter that suits where stderr (or ``stream``) goes; ``at_once``: see `Lines`."""
    if quiet:
        return Silent()
    target = sys.stderr if stream is None else stream
    return Bar(title, unit, target) if shows_bars(target) else Lines(title, unit, target, at_once=at_once)


def shows_bars(stream: TextIO) -> bool:
    """Whether it goes to a terminal on which a bar can be drawn over and over."""
    return stream.isatty() and os.environ.get("TERM", "").lower() not in _WITHOUT_BARS


def say(line: str, *, quiet: bool = False, stream: TextIO | None = None) -> None:
    """One line of news on stderr."""
    if not quiet:
        target = sys.stderr if stream is None else stream
        target.write(line + "\n")
        target.flush()


class Stopwatch:
    """Seconds since it was made, for people."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()

    def __str__(self) -> str:
        """As in '0.4 s'."""
        return duration(self._clock() - self._start)


def _rich_bar(stream: TextIO) -> "Progress":
    # Only a terminal needs rich.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", markup=False),
        console=Console(file=stream),
        transient=True,
    )
