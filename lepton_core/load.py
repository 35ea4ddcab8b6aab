"""A version out of its file, whether one model answers or several do, calibrated or not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from lepton_core.artifact import read_container
from lepton_core.errors import InvalidArtifact
from lepton_core.predict import Predictor

if TYPE_CHECKING:
    from lepton_core.ensemble import Ensemble
    from lepton_core.servable import Servable


def load(data: bytes | memoryview) -> "Servable":
    """Read what a `Predictor`, an `Ensemble` or an `Uncertain` dumped. Shapes, dtypes and bounds are checked first.

    Errors: `InvalidArtifact`, and nothing else, whatever the bytes are.
    """
    arrays, meta = read_container(data)
    if "uncertain" not in meta:
        return _model(arrays, meta)
    from lepton_core import uncertain  # noqa: PLC0415  (a version without it needs it not)

    inside, said = read_container(uncertain.model_file(arrays))
    if "uncertain" in said:
        raise InvalidArtifact("a calibrated model is not calibrated twice", field="model")
    return uncertain.from_container(_model(inside, said), arrays, meta)


def _model(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> "Predictor | Ensemble":
    if "ensemble" in meta:
        from lepton_core.ensemble import from_container  # noqa: PLC0415  (a single model needs it not)

        return from_container(arrays, meta)
    return Predictor.from_container(arrays, meta)


def bare(predictor: "Servable") -> "Servable":
    """The model of a version, without what calibrates it and says how sure it is."""
    if predictor.uncertainty is None:
        return predictor
    from lepton_core.uncertain import Uncertain  # noqa: PLC0415  (a version without it needs it not)

    return predictor.model if isinstance(predictor, Uncertain) else predictor
