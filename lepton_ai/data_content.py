"""What a `Data` is made of and what it sends: options as the core has them, columns as a container."""

import csv
import io
from collections.abc import Mapping, Sequence

from lepton_core.artifact import write_container
from lepton_core.errors import InvalidInput, TooLarge
from lepton_core.table import Table, pack_table
from lepton_core.table.files import is_value
from lepton_core.table.reading_given import text_chunks

Missing = Sequence[str] | Mapping[str, Sequence[str]]
"""Words of a missing cell, for all columns or by column."""


def listed(words: Sequence[str] | None, field: str) -> tuple[str, ...] | None:
    """As a tuple; a single text would be taken for its letters."""
    if isinstance(words, str):
        raise InvalidInput(f"must be a list, as [{words!r}]", field=field)
    return None if words is None else tuple(words)


def missing_words(words: Missing | None) -> tuple[str, ...] | dict[str, tuple[str, ...]] | None:
    """As `ReadingOptions` has them."""
    if isinstance(words, Mapping):
        return {name: listed(own, "missing") or () for name, own in words.items()}
    return listed(words, "missing")


def _header(names: Sequence[str]) -> str:
    """The first line of a file. Quotes all through tell that names which look like numbers are names."""
    text = io.StringIO(newline="")
    if any(map(is_value, names)):
        csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(names)
    else:
        csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue()


def given_content(given: Table) -> bytes:
    """The columns as a container; as CSV if there are more of them than a container takes."""
    try:
        return write_container(*pack_table(given))
    except TooLarge:
        text = io.StringIO(newline="")
        text.write(_header(given.names))
        writer = csv.writer(text, lineterminator="\n")
        for chunk in text_chunks(given.columns):
            writer.writerows(chunk)
        return text.getvalue().encode()
