"""Words of a column that count as missing as a matter of course, which its owner may mean as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lepton_core.remedy import Remedy
from lepton_core.table import ReadingOptions
from lepton_core.table.csv_columns import ReadColumn

_SHOWN = 5


@dataclass(frozen=True)
class Absent:
    """``words`` of a column for a missing cell, and how often each occurs in the first ``looked`` rows of the file.

    0 of a word that is only in later ones.
    """

    words: Mapping[str, int] = field(default_factory=dict)
    looked: int = 0

    @staticmethod
    def of(read: ReadColumn) -> "Absent":
        """Those of a column of a file."""
        later = () if read.decision is None else read.decision.absent
        return Absent({**read.absent, **{word: 0 for word in later if word not in read.absent}}, read.looked)

    def like(self, values: Sequence[str]) -> "Absent":
        """Those words that may be one of the ``values`` of a column: letters, or a sign where all of them are signs.

        >>> Absent({"NA": 7, "?": 2, "#N/A": 1}, 9).like(["EU", "AS"]).words, Absent({"-": 7}, 9).like(["+"]).words
        ({'NA': 7}, {'-': 7})
        """
        signs = bool(values) and not any(map(_has_letters, values))
        return replace(
            self,
            words={
                word: many
                for word, many in self.words.items()
                if word.isalpha() or (signs and not _has_letters(word))
            },
        )

    def said(self, rows: int) -> str:
        """What to say behind a finding on the gaps of a column of so many ``rows``; empty if no word makes them.

        >>> Absent({"None": 7}, 9).said(9), Absent({"NA": 7, "?": 2}, 9).said(20)
        (": 'None' (7 rows) counts as missing", ": 'NA' (7) and '?' (2 of the first 9 rows) count as missing")
        """
        words = {word: many for word, many in self.words.items() if many}
        if not words:
            return ""
        shown = [f"{word!r} ({many})" for word, many in list(words.items())[:_SHOWN]]
        where = "rows" if self.looked >= rows else f"of the first {self.looked} rows"
        shown[-1] = f"{shown[-1][:-1]} {where})"
        if len(words) > _SHOWN:
            shown.append(f"{len(words) - _SHOWN} more")
        told = " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
        return f": {told} count{'s' if len(words) == 1 else ''} as missing"


def _has_letters(text: str) -> bool:
    """Whether there is a letter or a digit in ``text``."""
    return any(map(str.isalnum, text))


def as_value(name: str, reading: ReadingOptions, kind: str | None = None) -> Remedy:
    """The call that reads all words of a column as values, and the column as one of that ``kind``, if it is given."""
    said = reading.missing if isinstance(reading.missing, dict) else {}
    missing = {**said, name: ()}
    if kind is None:
        return reading.call(missing=missing)
    return reading.call(kinds={**(reading.kinds or {}), name: kind}, missing=missing)


def is_said(name: str, reading: ReadingOptions) -> bool:
    """Whether somebody said what the words for a missing cell of the column are."""
    return isinstance(reading.missing, tuple) or name in (reading.missing or {})
