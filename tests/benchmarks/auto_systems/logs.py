"""What each run said, kept beside its line: its last lines, in which no path of the machine stands."""

import re
from pathlib import Path

from tests.benchmarks.auto_systems.results import Line

MOST_LINES = 40
"""Of each run its last lines: what was tried, what was chosen, and what went wrong stand there."""

_LONGEST = 300
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PATH = re.compile(r"(?<![\w/.])/(?:[\w.+-]+/)+")
"""The folders of a path from the root on."""


def kept(line: Line, said: str) -> str:
    """The end of a log below the name of its run.

    >>> from dataclasses import fields
    >>> told = {"table": "wells", "split": 0, "budget": 60.0, "system": "flaml", "version": "2.8.0"}
    >>> print(kept(Line(**{one.name: told.get(one.name) for one in fields(Line)}), "fitted in /var/tmp/x/own/m.pkl"))
    ## wells, split 0, 60 s, flaml 2.8.0
    fitted in .../m.pkl
    <BLANKLINE>
    """
    name = f"## {line.table}, split {line.split}, {line.budget:g} s, {line.system} {line.version}"
    plain = (
        _PATH.sub(".../", _COLOURS.sub("", one)).rstrip()[:_LONGEST] for one in re.split(r"[\r\n]", said)
    )
    return "\n".join([name, *[one for one in plain if one][-MOST_LINES:], ""])


def append(path: Path, line: Line, said: str) -> None:
    """Add the end of a log to the file of all."""
    with path.open("a", encoding="utf-8") as file:
        file.write(kept(line, said) + "\n")
