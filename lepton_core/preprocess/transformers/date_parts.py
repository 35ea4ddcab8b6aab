"""DateParts: the parts of a date as numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess.calendar import PARTS, SECONDS_A_DAY, DateReading
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.transformers.base import known_options
from lepton_core.remedy import argument
from lepton_core.table import Column, Numbers

USUAL = ("year", "month", "day_of_year", "day_of_week", "hour", "elapsed")


@dataclass(frozen=True)
class DateParts:
    """A date becomes numbers: year, month, day of year and of week, hour, and the days elapsed since 1970.

    Option: ``parts``, a list of 'year', 'month' (1 to 12), 'day' (of the month), 'day_of_year' (1 to 366),
    'day_of_week' (0 is Monday), 'hour' (0 to 23) and 'elapsed' (days with their fraction). Without it there are all
    but 'day', and 'hour' only where a fitted row has a time of day. A missing date is missing in each part.

    >>> when = Numbers("when", np.array([0.0, 86_400.0, np.nan]), "date")
    >>> DateParts().fit(when, {"parts": None})
    {'parts': ('year', 'month', 'day_of_year', 'day_of_week', 'elapsed')}
    """

    @property
    def statistics(self) -> Mapping[str, Callable[[Any], Any]]:
        """The parts that there are."""
        return {"parts": _parts}

    def reads(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Dates."""
        return frozenset({"date"})

    def configure(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parts, None for the usual ones. Raises `InvalidInput` naming the option that is wrong."""
        parts = known_options("DateParts", given, ("parts",)).get("parts")
        if parts is None:
            return {"parts": None}
        try:
            return {"parts": list(_parts(parts))}
        except ValueError as error:
            raise InvalidInput(str(error), field="parts") from error

    def fit(self, column: Column, options: Mapping[str, Any]) -> dict[str, Any]:
        """The parts of ``options``, or the usual ones that say something. Raises `InvalidData` for what is no date."""
        if column.kind not in self.reads(options):
            way = argument(kinds={column.name: "date"})
            raise InvalidData(
                "holds no dates as they are in the data, and DateParts takes those; give it before other steps, or "
                f"upload the data with {way}",
                column=column.name,
                remedies=(way,),
            )
        if options["parts"] is not None:
            return {"parts": tuple(options["parts"])}
        seconds = column.values[~column.missing]
        whole_days = bool((seconds % SECONDS_A_DAY == 0).all())
        return {"parts": tuple(part for part in USUAL if part != "hour" or not whole_days)}

    def apply(self, feature: Feature, fitted: Mapping[str, Any]) -> tuple[Feature, ...]:
        """One feature a part, named ``column.month``.

        Raises `InvalidInput` (field 'input') for text, or if a step has changed the date before.
        """
        if not isinstance(feature, NumberFeature) or not feature.as_in_data:
            raise InvalidInput(
                f"DateParts takes the date {feature.name!r} as it is in the data, before another step changes it",
                field="input",
            )
        reading = DateReading(fitted["parts"])
        fills: Sequence[float | None] = [None] * len(reading.parts)
        if feature.fill is not None:
            fills = reading.values(Numbers(feature.source, np.array([feature.fill])))[0].tolist()
        return tuple(
            NumberFeature(f"{feature.name}.{part}", feature.source, reading=reading, place=place, fill=fill)
            for place, (part, fill) in enumerate(zip(reading.parts, fills, strict=True))
        )


def _parts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError(f"must be a list of {', '.join(PARTS)}")
    for part in value:
        if not isinstance(part, str) or part not in PARTS:
            raise ValueError(f"{part!r} is not one of {', '.join(PARTS)}")
    if len(set(value)) < len(value):
        raise ValueError("must name no part twice")
    return tuple(value)
