"""A matrix of numbers to what a version says of its rows, without a table where none is needed."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.load import bare
from lepton_core.models.algorithm import Array
from lepton_core.predict import Predictor
from lepton_core.table import Table
from lepton_core.table.given import given_column
from lepton_core.table.given_rows import read_given_rows

if TYPE_CHECKING:
    from lepton_core.servable import Servable


def output_of(version: "Servable", X: NDArray[np.float64]) -> Array:
    """Class probabilities (m, K), or values (m,), of the rows of ``X`` (m, n), in the order of the schema.

    They have the bits of ``version.predict``. NaN is a missing cell. Errors: `InvalidInput` (field 'X') for what is no
    such matrix, and `InvalidData` naming row and column, as where the cells come one by one.
    """
    model = bare(version)
    folded = model.folded if isinstance(model, Predictor) and model.schema.is_plain else None
    # One row is a matter of a few microseconds, and so nothing is looked at twice.
    if folded is not None and type(X) is np.ndarray and X.dtype == np.float64 and X.ndim == 2:
        rows, width = X.shape
        output = folded.output(folded.chosen(X)) if rows and width == len(model.schema.columns) else None
        if output is not None:
            uncertainty = version.uncertainty
            calibrator = None if uncertainty is None else uncertainty.calibrator
            return output if calibrator is None else calibrator.calibrated(output)
    return version.predict(_table(version, X))


def _table(version: "Servable", X: NDArray[np.float64]) -> Table:
    schema = version.schema
    if not isinstance(X, np.ndarray) or X.ndim != 2 or X.dtype.kind not in "fiu":
        raise InvalidInput(
            "must be a numpy array of numbers with two dimensions, rows and columns", field="X"
        )
    if X.shape[1] != len(schema.columns):
        raise InvalidInput(
            f"must have the {len(schema.columns)} columns of the model in the trained order, not {X.shape[1]}",
            field="X",
        )
    if not len(X):
        raise InvalidData("there are no rows")
    given = Table(tuple(given_column(name, X[:, at]) for at, name in enumerate(schema.names)))
    ignored = frozenset(filter(None, [version.label, version.weight]))
    return read_given_rows(given, schema, in_order=True, ignore=ignored, reads=version.reads).table
