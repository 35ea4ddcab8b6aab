"""Predict rows of any form: by a model of the platform, or by a version out of its file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from lepton_ai.answers import Asks, predicted
from lepton_ai.file_rows import rows_to_predict
from lepton_ai.predictions import Prediction, Predictions
from lepton_ai.progress import say
from lepton_core.table import ReadingOptions

if TYPE_CHECKING:
    from lepton_ai.data import Data


@dataclass(frozen=True)
class Predictor:
    """What answers for the model ``name``; ``kept`` is what was said of how files are read.

    ``asks`` is told whether there is a single row, so that one request is enough.
    """

    asks: Callable[[bool], Asks]
    name: str
    kept: Callable[[], ReadingOptions]
    _: KW_ONLY
    quiet: bool


class Predicting:
    """What predicts, by its `Predictor`."""

    def _predictor(self, entity: str | None) -> Predictor:
        raise NotImplementedError

    @overload
    def predict(
        self,
        rows: Mapping[str, Any],
        *,
        explain: bool = False,
        coverage: float | None = None,
        entity: str | None = None,
    ) -> Prediction: ...
    @overload
    def predict(
        self,
        rows: "Data | str | Path | Sequence[Mapping[str, Any]] | Sequence[Sequence[Any]]",
        *,
        explain: bool = False,
        coverage: float | None = None,
        sheet: str | None = None,
        entity: str | None = None,
    ) -> Predictions: ...
    @overload
    def predict(
        self,
        rows: Any,
        *,
        explain: bool = False,
        coverage: float | None = None,
        sheet: str | None = None,
        entity: str | None = None,
    ) -> Any: ...
    def predict(
        self,
        rows: Any,
        *,
        explain: bool = False,
        coverage: float | None = None,
        sheet: str | None = None,
        entity: str | None = None,
    ) -> Any:
        """Predict a dict, a list of dicts or lists, a numpy array, a pandas DataFrame or Series, a file or its `Data`.

        Returns `Predictions`; for one row (a dict, a flat list, a 1-D array, a Series) its `Prediction`.
        Lists and arrays have the columns in the order that the model was trained on. None, and NaN in numpy
        and pandas, are missing values. With ``explain`` each prediction says what every column adds to it. Columns
        that the model does not read are ignored, and missing ones filled: ``notes`` of the result names them.
        With ``coverage``, a share from 0.5 to 0.99, each has the ``interval``, or the ``plausible`` classes, that hold
        the truth of so many rows; it takes a version that was trained with ``uncertainty``. Of two versions that share
        the calls, one ``entity`` (a customer, say) has always the same.

        A file, by its path, or `Data.from_csv`, has an answer for each row: one that cannot be read gets an empty
        prediction, whose ``error`` says why. In other rows such a cell is an error, and none of them is predicted. Of
        an Excel file ``sheet`` is read; without it the one that was said for the data set, else the first with cells.

        A version out of its file answers and refuses as its platform does; nothing is counted, and nobody watches what
        comes in.

        Errors: ``InvalidData`` naming row and column, ``NotFound`` if the model is not deployed, ``InvalidInput``
        (field 'explain') if its algorithm has no exact contributions, and (field 'coverage') for a version without
        intervals or sets.
        """
        by = self._predictor(entity)
        given = rows_to_predict(rows, by.kept, sheet)
        found = predicted(by.asks(given.single), by.name, given, explain=explain, coverage=coverage)
        if isinstance(found, Predictions) and found.errors:
            say(found.empty(), quiet=by.quiet)
        return found
