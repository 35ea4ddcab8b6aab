"""The coverage that a call asks for."""

from lepton_core.errors import InvalidInput
from lepton_core.uncertainty.conformal import LEAST_COVERAGE, MOST_COVERAGE


def coverage_of(text: str | None) -> float | None:
    """The coverage that a query parameter asks for. Raises `InvalidInput` for what is no number."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise InvalidInput(
            f"must be a share from {LEAST_COVERAGE} to {MOST_COVERAGE}, not {text[:64]!r}", field="coverage"
        ) from None
