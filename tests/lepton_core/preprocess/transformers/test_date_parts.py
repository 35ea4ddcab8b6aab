import json

import numpy as np
import pandas as pd
import pytest

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table

WHEN = pd.to_datetime(["2024-02-29", "1999-12-31", None, "2001-01-01"])
USUAL = ("year", "month", "day_of_year", "day_of_week", "elapsed")


def table(when):
    seconds = (when - pd.Timestamp(0)) / pd.Timedelta(seconds=1)
    return Table((Numbers("when", np.asarray(seconds, dtype=np.float64), "date"),))


def chain(**options):
    return Preprocessor.empty().add("DateParts", input="when", **options)


def test_the_parts_are_those_of_pandas():
    fitted = chain().fit(table(WHEN))

    assert fitted.feature_names == tuple(f"when.{part}" for part in USUAL)
    assert fitted.sources == ("when",) * 5
    expected = [
        WHEN.year,
        WHEN.month,
        WHEN.day_of_year,
        WHEN.day_of_week,
        (WHEN - pd.Timestamp(0)) / pd.Timedelta(days=1),
    ]
    np.testing.assert_array_equal(fitted.transform(table(WHEN), missing=True).T, np.array(expected))


def test_the_hour_is_a_part_where_a_fitted_row_has_a_time_of_day():
    timed = WHEN + pd.Timedelta(hours=13, minutes=59)
    fitted = chain().fit(table(timed))

    assert fitted.feature_names[4] == "when.hour"
    assert fitted.transform(table(timed), missing=True)[:, 4].tolist()[:2] == [13, 13]
    assert "when.hour" not in chain().fit(table(WHEN)).feature_names


def test_the_parts_can_be_chosen():
    fitted = chain(parts=["hour", "day"]).fit(table(WHEN))

    assert fitted.feature_names == ("when.hour", "when.day")
    assert fitted.transform(table(WHEN[:1])).tolist() == [[0, 29]]


def test_a_part_is_a_number_to_every_later_step():
    seen = table(WHEN[[0, 1, 3]])
    parts = chain(parts=["year", "month"])
    fitted = parts.add("Impute", input="X").add("Normalize", input="when").fit(seen)

    np.testing.assert_allclose(fitted.transform(seen).mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(fitted.transform(table(WHEN[[2]])), 0, atol=1e-12)


def test_a_date_that_was_filled_before_has_the_parts_of_the_fill():
    filled = Preprocessor.empty().add("Impute", input="when", strategy="constant", value=86_400.0)
    fitted = filled.add("DateParts", input="when", parts=["day", "month"]).fit(table(WHEN))

    assert fitted.transform(table(WHEN[[2]])).tolist() == [[2, 1]]


def test_a_date_may_stay_beside_its_parts():
    both = Preprocessor.empty().add("DateParts", input="when", output="parts", parts=["year"])
    fitted = both.add("MinMax", input="when", output="scaled").fit(table(WHEN))
    assert fitted.feature_names == ("when.year", "when")


def test_it_survives_json():
    fitted = chain().add("Impute", input="when").fit(table(WHEN))
    again = Preprocessor.from_dict(json.loads(json.dumps(fitted.as_dict())))

    assert again == fitted
    np.testing.assert_array_equal(again.transform(table(WHEN)), fitted.transform(table(WHEN)))


def test_what_is_no_date_is_refused_with_the_remedy():
    text = Table((Categories.of("when", ["soon"]),))
    with pytest.raises(InvalidData, match=r"column 'when': holds no dates .* kinds=\{'when': 'date'\}"):
        chain().fit(text)
    with pytest.raises(InvalidData, match="column 'when': holds no dates as they are in the data"):
        Preprocessor.empty().add("Normalize", input="when").add("DateParts", input="when").fit(table(WHEN))
    with pytest.raises(InvalidData, match="row 1, column 'when': text where numbers were"):
        chain().fit(table(WHEN)).transform(text)


@pytest.mark.parametrize("parts", [[], "year", ["century"], ["year", "year"], [1], 3])
def test_wrong_parts_are_refused(parts):
    with pytest.raises(InvalidInput) as caught:
        chain(parts=parts)
    assert caught.value.field == "parts"
    data = chain().fit(table(WHEN)).as_dict()
    data["steps"][0]["state"]["parts"] = [parts]
    with pytest.raises(InvalidInput) as caught:
        Preprocessor.from_dict(data)
    assert caught.value.field == "steps[0].state.parts"
