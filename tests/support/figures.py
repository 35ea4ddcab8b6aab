"""Figures of columns, compared as numbers are that were computed in another order."""

from dataclasses import asdict
from typing import Any

import pytest

from lepton_core.table import ColumnFigures


def about(figures: ColumnFigures, **tolerance: float) -> Any:
    """What `numbers_of` gives for figures that are these but for rounding."""
    return pytest.approx(numbers_of(figures), **tolerance)


def numbers_of(figures: ColumnFigures) -> dict[str, float]:
    """The figures that the column has, which are numbers."""
    return {name: value for name, value in asdict(figures).items() if isinstance(value, int | float)}
