"""What rows out of fold teach of a model, and how it is written: a calibrator, and what is around predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from lepton_core import fields
from lepton_core.errors import InvalidArtifact
from lepton_core.format_check import check_format
from lepton_core.models.algorithm import Array
from lepton_core.uncertainty.conformal import Intervals, Sets
from lepton_core.uncertainty.isotonic import Isotonic
from lepton_core.uncertainty.scaling import Scaling

HEADER = 1
"""The format of the header of what is calibrated, or says how sure it is."""


class Calibrates(Protocol):
    """A fitted map of probabilities to calibrated ones."""

    @property
    def method(self) -> str:
        """'platt' or 'isotonic'."""
        ...

    @property
    def line(self) -> tuple[float, float] | None:
        """The slope and the offset that it is on the scale of the log-odds; None if it is no line there."""
        ...

    def calibrated(self, output: Array) -> Array:
        """Probabilities (m, K) for ``output`` (m, K): rows that sum to 1."""
        ...

    def packed(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Its arrays, of any shape, and what is said beside them."""
        ...


@dataclass(frozen=True)
class Uncertainty:
    """What rows out of fold teach: a ``calibrator`` of probabilities, and ``conformal``, what is around predictions."""

    calibrator: Calibrates | None = None
    conformal: Intervals | Sets | None = None

    def packed(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Its arrays, (k,) each, and what is said beside them, for a container."""
        arrays: dict[str, NDArray[Any]] = {}
        meta: dict[str, Any] = {"uncertain": HEADER, "calibration": None, "conformal": None}
        if self.calibrator is not None:
            arrays, meta["calibration"] = self.calibrator.packed()
        if self.conformal is not None:
            arrays = {**arrays, **self.conformal.packed()}
            meta["conformal"] = {"kind": self.conformal.name, "rows": self.conformal.rows}
        return arrays, meta

    @classmethod
    def unpacked(
        cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any], classes: int
    ) -> "Uncertainty":
        """What `packed` wrote, for a model of so many ``classes``, 0 for one of values; ``arrays`` are (k,) each.

        Raises `InvalidArtifact`, and nothing else.
        """
        try:
            check_format(meta["uncertain"], HEADER, "file of a calibrated model")
            made = cls(
                _calibrator(arrays, meta["calibration"], classes),
                _conformal(arrays, meta["conformal"], classes),
            )
        except InvalidArtifact:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidArtifact(f"the file's header is not that of a calibrated model: {error}") from error
        if set(arrays) != set(made.packed()[0]):
            raise InvalidArtifact("the file holds arrays that its header does not name", field="uncertain")
        return made


def _calibrator(arrays: Mapping[str, NDArray[Any]], said: Any, classes: int) -> Calibrates | None:
    if said is None:
        return None
    method = fields.mapping(said, "calibration")["method"]
    if method == Isotonic.method:
        return Isotonic.unpacked(arrays, classes)
    if method == Scaling.method:
        return Scaling.unpacked(said, classes)
    raise InvalidArtifact("the method of calibration is not known", field="calibration")


def _conformal(arrays: Mapping[str, NDArray[Any]], said: Any, classes: int) -> Intervals | Sets | None:
    if said is None:
        return None
    kind = Sets if classes else Intervals
    given = fields.mapping(said, "conformal")
    if given["kind"] != kind.name:
        raise InvalidArtifact(f"a model of so many classes has {kind.name}", field="conformal")
    return kind.unpacked(arrays, fields.count(given["rows"], "conformal.rows"))
