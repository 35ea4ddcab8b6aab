"""The measurement of kinds: what it makes of a file's figures, and of which class a decision is."""

from pathlib import Path

import pytest

from lepton_core.table.spelling.decision import Decision
from lepton_core.table.spelling.recognise import decide
from tests.benchmarks.column_types import class_of, kept_apart, read

HEADER = (
    "Attribute_name,y_act,total_vals,num_nans,num_of_dist_val,mean,std_dev,min_val,max_val,"
    "sample_1,sample_2,sample_3,sample_4,sample_5\n"
)


@pytest.mark.parametrize(
    ("decision", "name"),
    [
        (Decision("number", ""), "numeric"),
        (Decision("integer", ".,"), "embedded-number"),
        (Decision("integer", "", constant=True), "not-generalizable"),
        (Decision("integer", "", is_open=True), "context-specific"),
        (Decision("boolean"), "categorical"),
        (Decision("category"), "categorical"),
        (Decision("date", "dmy none", doubt="the day was guessed"), "datetime"),
        (Decision("duration", "hm", "as '06:00:00'"), "datetime"),
        (Decision("duration", "hm", "as '90 min'"), "embedded-number"),
        (Decision("text", "list"), "list"),
        (Decision("text", "url"), "url"),
        (Decision("text", "sentences"), "sentence"),
        (Decision("identifier"), "not-generalizable"),
        (Decision("empty"), "not-generalizable"),
    ],
)
def test_each_decision_is_of_one_class(decision: Decision, name: str) -> None:
    assert class_of(decision) == name


def test_words_that_are_missing_to_us_are_no_values(tmp_path: Path) -> None:
    place = tmp_path / "columns.csv"
    place.write_text(HEADER + "a,not-generalizable,100,20,2,0,0,0,0,#NULL!,yes,,yes,yes\n")
    [(found, label)] = read(place)
    assert (dict(found.present), found.cells, found.missing, found.distinct) == ({"yes": 3}, 100, 40, 1)
    assert class_of(decide(found)) == label


def test_what_is_kept_apart_is_not_learned_from() -> None:
    learned, kept = kept_apart(100, seed=1)
    assert sorted(learned + kept) == list(range(100))
    assert len(kept) == 25
    assert kept_apart(100, seed=1) == (learned, kept)
    assert kept_apart(100, seed=2) != (learned, kept)
