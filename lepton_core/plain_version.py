"""One row of plain numbers, predicted without a table: making that is most of what a prediction of one row costs."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lepton_core.models import algorithm
from lepton_core.predict import Predictor
from lepton_core.table import Numbers, Table

if TYPE_CHECKING:
    from lepton_core.servable import Servable

_MOST_COLUMNS = 10_000


@dataclass(frozen=True)
class PlainVersion:
    """A version that is made of columns of numbers alone, of which each is one column of its matrix.

    What it predicts has the bits of ``predictor.predict``. ``order``, (p,), has the column of the table of each
    column of the matrix; ``packed`` makes of the n cells of a row, in the order of the schema, its values.
    """

    predictor: Predictor
    packed: struct.Struct
    order: NDArray[np.intp]

    @classmethod
    def of(cls, predictor: "Servable") -> "PlainVersion | None":
        """Of a version that is so; None of any other."""
        if not isinstance(predictor, Predictor):
            return None
        columns, design = predictor.schema.columns, predictor.preprocessor.design
        is_whole = predictor.reads == predictor.schema.known and len(design.numbers) == design.width
        if not (
            predictor.schema.is_plain and is_whole and len(columns) > 1 and design.width <= _MOST_COLUMNS
        ):
            return None
        at = {one.name: place for place, one in enumerate(columns)}
        order = np.empty(design.width, np.intp)
        for place, name in design.numbers:
            order[place] = at[name]
        return cls(predictor, struct.Struct(f"{len(at)}d"), order)

    def predict(self, values: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The output for the ``values`` of one row, (1, K) or (1,); None if it is not finite, an error to be named.

        They are its n cells in the order of the schema. Errors: those of ``predictor.predict``.
        """
        if self.predictor.folded is not None:
            return self.predictor.folded.output(values.reshape(1, -1))
        block = values[self.order].reshape(1, -1)
        design = self.predictor.preprocessor.design
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            block -= design.center
            block /= design.divisor
            if design.shifts:
                block += design.offset
        if not np.isfinite(block).all():
            return None
        return algorithm(self.predictor.algorithm).predict(self.predictor.parameters, block)

    def table(self, values: Sequence[NDArray[np.float64]]) -> Table:
        """The table of m rows of which these are the ``values``, (n,) each, as they are counted."""
        columns = np.ascontiguousarray(np.stack(values).T)
        return Table(
            tuple(
                Numbers(one.name, own, one.kind, one.notation, one.missing_words)
                for one, own in zip(self.predictor.schema.columns, columns, strict=True)
            )
        )
