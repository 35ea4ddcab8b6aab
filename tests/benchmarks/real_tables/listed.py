"""The real tables of the benchmark: where each one is, what a person would predict, and what is peculiar about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

LIST = Path(__file__).with_name("list.json")
MOST_OF_ONE_PACKAGE = 10


@dataclass(frozen=True)
class Archive:
    """A wheel of the Python Package Index, pinned to the byte."""

    package: str
    version: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Reading:
    """What a person finds out by looking at the file; Lepton is told nothing of it.

    ``read`` are arguments of `pandas.read_csv`, ``drop`` says of each column why it is of no use, ``dates`` gives the
    format of each column of dates. ``texts`` are free text, ``categories`` codes that look like numbers, ``money``
    numbers between other signs. A file without header gets its names from ``read``.
    """

    read: Mapping[str, Any] = field(default_factory=dict)
    drop: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    money: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listed:
    """One file as its publisher wrote it: ``path`` inside the archive, and the digest of those bytes."""

    name: str
    archive: Archive
    path: str
    sha256: str
    label: str
    task: Literal["classification", "regression"]
    peculiar: str
    reading: Reading


def listed(path: Path = LIST) -> tuple[Listed, ...]:
    """Every table of the list, in the order of their names."""
    content = json.loads(path.read_text(encoding="utf-8"))
    archives = {package: Archive(package, **one) for package, one in content["archives"].items()}
    return tuple(_table(one, archives) for one in content["tables"])


def _table(one: dict[str, Any], archives: Mapping[str, Archive]) -> Listed:
    reading = Reading(
        read=one.pop("read", {}),
        drop=one.pop("drop", {}),
        dates=one.pop("dates", {}),
        texts=tuple(one.pop("texts", ())),
        categories=tuple(one.pop("categories", ())),
        money=tuple(one.pop("money", ())),
    )
    return Listed(archive=archives[one.pop("package")], reading=reading, **one)
