"""What a prediction call did with cells that the model does not know."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ignored:
    """A column that the model does not read, and the one that it lacks and that is called most like it."""

    column: str
    nearest: str | None = None


@dataclass(frozen=True)
class Filled:
    """A column that so many ``rows`` lack; the preprocessor filled it."""

    column: str
    rows: int


@dataclass(frozen=True)
class Unknown:
    """A column in which so many ``rows`` hold texts that training saw in too few rows, or never.

    ``texts`` are the most frequent ones.
    """

    column: str
    rows: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Assumed:
    """A column in which so many ``rows`` hold dates without a zone, or lengths of time without a unit.

    They were taken as what ``meaning`` says: "UTC" or "seconds".
    """

    column: str
    rows: int
    meaning: str


@dataclass(frozen=True)
class RowNotes:
    """What was done with cells that the model does not know: it says what is wrong if a prediction surprises.

    >>> print(RowNotes((Ignored("agee", "age"),), (Filled("age", 1),), (Unknown("town", 1, ("Bonn",)),)))
    ignored 'agee' (did you mean 'age'?)
    filled 'age' in 1 row
    rare or unknown in 'town' in 1 row: 'Bonn'
    """

    ignored: tuple[Ignored, ...] = ()
    filled: tuple[Filled, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    assumed: tuple[Assumed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ignored or self.filled or self.unknown or self.assumed)

    def __add__(self, other: "RowNotes") -> "RowNotes":
        """Those of both parts of a call."""
        if not (self and other):
            return self or other
        filled = _summed([*self.filled, *other.filled])
        unknown = _summed([*self.unknown, *other.unknown])
        assumed = _summed([*self.assumed, *other.assumed])
        meanings = {one.column: one.meaning for one in (*other.assumed, *self.assumed)}
        texts = {one.column: one.texts for one in (*other.unknown, *self.unknown)}
        return RowNotes(
            tuple(dict.fromkeys([*self.ignored, *other.ignored])),
            tuple(Filled(column, rows) for column, rows in filled.items()),
            tuple(Unknown(column, rows, texts[column]) for column, rows in unknown.items()),
            tuple(Assumed(column, rows, meanings[column]) for column, rows in assumed.items()),
        )

    def __str__(self) -> str:
        lines = []
        for one in self.ignored:
            lines.append(
                f"ignored {one.column!r}" + (f" (did you mean {one.nearest!r}?)" if one.nearest else "")
            )
        for rows in dict.fromkeys(one.rows for one in self.filled):
            names = [repr(one.column) for one in self.filled if one.rows == rows]
            lines.append(f"filled {', '.join(names)} in {_rows(rows)}")
        for new in self.unknown:
            lines.append(
                f"rare or unknown in {new.column!r} in {_rows(new.rows)}: {', '.join(map(repr, new.texts))}"
            )
        lines += [f"read {one.column!r} as {one.meaning} in {_rows(one.rows)}" for one in self.assumed]
        return "\n".join(lines)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _summed(found: Sequence[Filled | Unknown | Assumed]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in found:
        sums[one.column] = sums.get(one.column, 0) + one.rows
    return sums
