"""A version out of its file, whether one model answers or several do."""

from typing import TYPE_CHECKING

from lepton_core.artifact import read_container
from lepton_core.predict import Predictor

if TYPE_CHECKING:
    from lepton_core.servable import Servable


def load(data: bytes) -> "Servable":
    """Read what `Predictor.dump` or `Ensemble.dump` wrote. Shapes, dtypes and bounds are checked first.

    Errors: `InvalidArtifact`, and nothing else, whatever the bytes are.
    """
    arrays, meta = read_container(data)
    if "ensemble" in meta:
        from lepton_core.ensemble import from_container  # noqa: PLC0415  (a single model needs it not)

        return from_container(arrays, meta)
    return Predictor.from_container(arrays, meta)
