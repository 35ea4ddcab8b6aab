"""A feature as a formula over one column of the table: what every chain of transformers comes down to."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class NumberFeature:
    """A column of the design matrix: (x - center) / divisor + offset, or ``fill`` where x is missing.

    x is the cell of column ``source``. With a ``level`` it is 1 where the cell equals that level and 0
    elsewhere; with ``codes`` it is the place of the cell among them, and missing where they lack it. There a
    missing cell counts as the level ``absent``. An infinite ``divisor`` stands for a column that holds one
    value only: whatever x is, what remains is ``offset``. ``fill`` None means that nothing replaces a missing
    value.
    """

    name: str
    source: str
    level: str | float | None = None
    codes: tuple[str, ...] | tuple[float, ...] | None = None
    absent: str | float | None = None
    center: float = 0.0
    divisor: float = 1.0
    offset: float = 0.0
    fill: float | None = None

    @property
    def as_in_data(self) -> bool:
        """Whether x is the cell and nothing scales it."""
        return self.level is None and self.codes is None and self._is_plain

    @property
    def levels(self) -> int:
        """How many levels its values are codes of; 0 if they are numbers, as scaled codes are.

        >>> NumberFeature("size", "size", codes=("L", "S")).levels
        2
        """
        if self.codes is None or not self._is_plain:
            return 0
        return len(self.codes) if self.fill is None or self.fill in range(len(self.codes)) else 0

    @property
    def _is_plain(self) -> bool:
        return (self.center, self.divisor, self.offset) == (0.0, 1.0, 0.0)

    def scaled(self, center: float, divisor: float) -> "NumberFeature":
        """The feature (this - center) / divisor.

        >>> NumberFeature("a", "a", fill=3.0).scaled(1.0, 2.0)
        NumberFeature(name='a', source='a', level=None, codes=None, absent=None, center=1.0, divisor=2.0,
        offset=0.0, fill=1.0)
        """
        fill = None if self.fill is None else (self.fill - center) / divisor
        if self._is_plain:
            # Subtracting the center from x first keeps every digit where both are large.
            return replace(self, center=center, divisor=divisor, fill=fill)
        offset = (self.offset - center) / divisor
        return replace(self, divisor=self.divisor * divisor, offset=offset, fill=fill)


@dataclass(frozen=True)
class TextFeature:
    """A column of text on its way to become numbers; ``fill`` replaces a missing cell."""

    name: str
    source: str
    fill: str | None = None


Feature = NumberFeature | TextFeature
