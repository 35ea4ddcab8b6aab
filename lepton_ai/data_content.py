"""What a `Data` is made of and what it sends: bytes of a file, options as the core has them, columns as a container."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lepton_core.artifact import digest, write_container
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


def file_content(path: str | Path) -> bytes:
    """The bytes of a file; `InvalidInput` says why it cannot be read."""
    if not isinstance(path, (str, Path)):
        raise InvalidInput(f"needs the path of a file, not {type(path).__name__}", field="path")
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise InvalidInput(f"no such file: {path} (looked in {Path.cwd()})") from None
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from None


LARGE = 32 * 2**20
"""Of a file of more bytes a `Data` does not keep them beside its columns."""


@dataclass(frozen=True)
class Content:
    """What is uploaded: ``held`` bytes, or those of the file at ``path``, which must be the same ones still."""

    digest: str
    size: int
    held: bytes | None
    path: Path | None = None

    @classmethod
    def of(cls, data: bytes, path: str | Path | None = None) -> "Content":
        """``data``, which is in the file at ``path`` if there is one.

        >>> Content.of(b"a,b").read()
        b'a,b'
        """
        is_in_file = path is not None and len(data) > LARGE and Path(path).is_file()
        if not is_in_file or path is None:
            return cls(digest(data), len(data), data)
        return cls(digest(data), len(data), None, Path(path).absolute())

    def read(self) -> bytes:
        """The bytes. Raises `InvalidInput` if the file is not what it was."""
        if self.held is not None:
            return self.held
        assert self.path is not None  # noqa: S101  (see `of`)
        data = file_content(self.path)
        if digest(data) != self.digest:
            raise InvalidInput(
                f"{self.path} was changed since it was read; read it again: Data.from_file({str(self.path)!r})"
            )
        return data


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
