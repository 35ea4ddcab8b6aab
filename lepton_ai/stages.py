"""How far something is that goes through stages of known names: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO

from lepton_ai.progress import shows_bars

_NEWS_SHARE = 0.1
_BAR_WIDTH = 24


Figures = Callable[[], Sequence[str]]
"""Asks for lines of figures; not asked where nothing is shown."""


def _none() -> Sequence[str]:
    return ()


class Stages(Protocol):
    """Told the stage that one piece of work is in."""

    def at(
        self, stage: str, said: str, below: Figures = _none, done: float = 0.0, total: float = 0.0
    ) -> None:
        """It is in the ``stage``, of which ``said`` tells, ``done`` of ``total`` of it (total 0: nobody knows).

        The lines ``below`` tell more.
        """
        ...

    def close(self, summary: str = "") -> None:
        """The work is over; ``summary`` is what stays to be read ("" leaves nothing)."""
        ...


class NoStages:
    """Shows nothing."""

    def at(
        self, stage: str, said: str, below: Figures = _none, done: float = 0.0, total: float = 0.0
    ) -> None:
        """Nothing."""

    def close(self, summary: str = "") -> None:
        """Nothing."""


class StageLines:
    """Plain lines: one for each stage, and one for about every tenth of a stage."""

    def __init__(self, title: str, stream: TextIO) -> None:
        self._title = title
        self._stream = stream
        self._stage = ""
        self._shown = 0.0

    def at(
        self, stage: str, said: str, below: Figures = _none, done: float = 0.0, total: float = 0.0
    ) -> None:
        """Write a line if that is news."""
        if stage == self._stage and (not total or done - self._shown < _NEWS_SHARE * total):
            return
        self._stage, self._shown = stage, done
        self._write("; ".join([f"{self._title}: {said}", *below()]))

    def close(self, summary: str = "") -> None:
        """Write the summary."""
        if summary:
            self._write(summary)

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


class StageBar:
    """A bar, and below it the stage and the figures; it gives way to the summary."""

    def __init__(self, title: str, stream: TextIO) -> None:
        # Only a terminal needs rich.
        from rich.console import Console  # noqa: PLC0415
        from rich.live import Live  # noqa: PLC0415

        self._title = title
        self._live = Live(console=Console(file=stream), transient=True)
        self._live.start()

    def at(
        self, stage: str, said: str, below: Figures = _none, done: float = 0.0, total: float = 0.0
    ) -> None:
        """Draw it anew."""
        from rich.console import Group  # noqa: PLC0415
        from rich.progress_bar import ProgressBar  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        bar = ProgressBar(total or None, done, width=_BAR_WIDTH, pulse=not total)
        row = Table.grid(padding=(0, 1))
        row.add_row(Text(self._title, no_wrap=True), bar)
        self._live.update(Group(row, *(Text(f"  {line}") for line in (said, *below()))), refresh=True)

    def close(self, summary: str = "") -> None:
        """Take the bar away and leave the summary."""
        self._live.update("", refresh=True)
        self._live.stop()
        if summary:
            self._live.console.print(summary, markup=False, highlight=False, soft_wrap=True)


def stages(title: str, *, quiet: bool = False, stream: TextIO | None = None) -> Stages:
    """What suits where stderr (or ``stream``) goes."""
    if quiet:
        return NoStages()
    target = sys.stderr if stream is None else stream
    return StageBar(title, target) if shows_bars(target) else StageLines(title, target)
