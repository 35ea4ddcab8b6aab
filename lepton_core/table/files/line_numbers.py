"""In which line each row begins, and where lines between them give none."""

from dataclasses import dataclass, field

_SPACED = 4
"""From so many rows on, a blank line below each one is how the file is written."""


@dataclass
class LineNumbers:
    """The first line of each of the ``rows``, and of the ``headers`` that come again between them.

    >>> numbers = LineNumbers()
    >>> for line in (2, 3, 5):
    ...     numbers.pass_record(line)
    >>> numbers.blank
    [4]
    """

    rows: list[int] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)
    _blank: list[int] = field(default_factory=list)
    _next: int | None = None
    _records: int = 0
    _gaps: int = 0

    def pass_record(self, line: int, lines: int = 1) -> None:
        """Go on behind a record of so many ``lines``, which can be read or not."""
        if self._next is not None and line > self._next:
            self._blank += range(self._next, line)
            self._gaps += 1
        self._next = line + lines
        self._records += 1

    @property
    def blank(self) -> list[int]:
        """The blank lines between two records; none if one stands between all of them."""
        is_spaced = self._records >= _SPACED and self._gaps == self._records - 1
        return [] if is_spaced else self._blank
