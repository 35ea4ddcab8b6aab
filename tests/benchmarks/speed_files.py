"""The files of the benchmark of speed: as large as asked for, and the same each time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

_COLUMNS = 20
_SOME = 20_000
_WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "while",
    "many",
    "small",
    "cats",
    "sleep",
    "near",
    "warm",
    "old",
    "stoves",
    "in",
    "winter",
    "town",
]
_COLOURS = ("red", "green", "blue", "black", "white", "grey", "")


def numbers(path: Path, rows: int) -> int:
    """Twenty numbers and a label of yes and no; the size of the file."""
    return _write(path, rows, lambda rng, n, _: zip(*_numbers(rng, n), strict=True), _names())


def with_a_text(path: Path, rows: int) -> int:
    """The same with one column of texts."""
    return _write(
        path,
        rows,
        lambda rng, n, _: zip(_sentences(rng, n), *_numbers(rng, n), strict=True),
        ["comment", *_names()],
    )


def with_an_empty_cell(path: Path, rows: int) -> int:
    """The same as `numbers` with one empty cell in the middle."""

    def some(rng: np.random.Generator, n: int, first: int) -> Iterator[tuple[str, ...]]:
        for at, row in enumerate(zip(*_numbers(rng, n), strict=True), start=first):
            yield ("", *row[1:]) if at == rows // 2 else row

    return _write(path, rows, some, _names())


def mixed(path: Path, rows: int) -> int:
    """A key, a date, categories, integers, numbers with gaps, sentences of which some are quoted, booleans, codes."""

    def some(rng: np.random.Generator, n: int, first: int) -> Iterator[tuple[str, ...]]:
        amounts = np.where(rng.random(n) < 0.03, "", rng.gamma(2.0, 100.0, n).round(2).astype(str))
        scores = np.where(rng.random(n) < 0.03, "NA", rng.normal(size=n).round(4).astype(str))
        return zip(
            (f"u{first + at:07}" for at in range(n)),
            (np.datetime64("2015-01-01") + rng.integers(0, 3650, n)).astype(str),
            (f"Town {at}" for at in rng.integers(0, 200, n)),
            (_COLOURS[at] for at in rng.integers(0, len(_COLOURS), n)),
            rng.poisson(40, n).astype(str),
            amounts,
            map(repr, rng.normal(size=n).tolist()),
            scores,
            _sentences(rng, n),
            np.where(rng.random(n) < 0.3, "true", "false"),
            (f"C{at:03}" for at in rng.integers(0, 1000, n)),
            np.where(rng.random(n) < 0.4, "yes", "no"),
            strict=True,
        )

    names = "id when town colour count amount rate score comment flag code label"
    return _write(path, 8 * rows // 5, some, names.split())


FILES: dict[str, Callable[[Path, int], int]] = {
    "mixed": mixed,
    "numbers": numbers,
    "numbers and one column of texts": with_a_text,
    "numbers and one empty cell": with_an_empty_cell,
}


def _names() -> list[str]:
    return [*(f"x{at}" for at in range(_COLUMNS)), "label"]


def _numbers(rng: np.random.Generator, rows: int) -> list[list[str]]:
    x = rng.normal(size=(_COLUMNS, rows)).round(6)
    score = np.linspace(-1.0, 1.0, _COLUMNS) @ x + rng.normal(size=rows)
    return [*(list(map(repr, column)) for column in x.tolist()), np.where(score > 0, "yes", "no").tolist()]


def _sentences(rng: np.random.Generator, rows: int) -> Iterator[str]:
    lengths = rng.integers(3, 12, rows).tolist()
    for length, places in zip(lengths, rng.integers(0, len(_WORDS), (rows, 12)).tolist(), strict=True):
        text = " ".join(_WORDS[place] for place in places[:length])
        yield f'"{text}, he said ""so"""' if length == 5 else text


def _write(
    path: Path,
    rows: int,
    some: Callable[[np.random.Generator, int, int], Iterator[tuple[str, ...]]],
    names: list[str],
) -> int:
    rng = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(names) + "\n")
        for first in range(0, rows, _SOME):
            file.writelines(",".join(row) + "\n" for row in some(rng, min(_SOME, rows - first), first))
    return path.stat().st_size
