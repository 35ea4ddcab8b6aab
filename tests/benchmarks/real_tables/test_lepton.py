"""Lepton gets the text of the file and the label's name, and is measured on the rows that the peer is measured on."""

import numpy as np
import pytest

from tests.benchmarks.real_tables.beside import Beside
from tests.benchmarks.real_tables.lepton import (
    END,
    START,
    Asked,
    Figures,
    code_of,
    known,
    learned,
    lines,
    measured,
    shown,
    written,
)
from tests.benchmarks.real_tables.life import life
from tests.benchmarks.real_tables.listed import Archive, Listed, Reading
from tests.benchmarks.real_tables.peer import Measured, rows_of, told
from tests.benchmarks.real_tables.raw import label_of, raw

ARCHIVE = Archive("pack", "1.0", "pack-1.0-py3-none-any.whl", "")
INDEXED = b""""";"when";"price ";"note";"bought"
1;31/12/2020;" $1,5";"good; or so";TRUE
2;?;$2;;FALSE
3;01/01/2021;?;"7";
"""
WITH_INDEX = Reading(
    read={"sep": ";", "index_col": 0, "na_values": ["?"]}, drop={"when": "later than the label"}
)


def table(label: str, task: str, reading: Reading) -> Listed:
    return Listed("made", ARCHIVE, "made.csv", "", label, task, "Made.", reading)  # type: ignore[arg-type]


def bought(rows: int = 80) -> bytes:
    """A file without header, of a town, a price and what became of it, which the price decides."""
    prices = np.random.default_rng(0).uniform(-2, 2, rows).tolist()
    return "".join(
        f"{'Bonn' if i % 3 else 'Ulm'};{price:.2f};{'yes' if price > 0 else 'no'}\n"
        for i, price in enumerate(prices)
    ).encode()


BOUGHT = table(
    "bought",
    "classification",
    Reading(read={"sep": ";", "header": None, "names": ["town", "price", "bought"]}),
)


def test_cells_stay_as_the_file_has_them_and_dropped_columns_and_the_index_go() -> None:
    cells = raw(table("bought", "classification", WITH_INDEX), INDEXED)
    assert (cells.names, cells.label) == (("price", "note", "bought"), "bought")
    assert cells.records([0, 1]) == [{"price": " $1,5", "note": "good; or so"}, {"price": "$2", "note": ""}]
    assert cells.labels([0, 2]) == ["TRUE", ""]
    assert cells.file([1]).decode() == "price ,note,bought\n$2,,FALSE\n"


def test_a_file_without_header_has_its_label_at_its_place() -> None:
    cells = raw(BOUGHT, bought())
    assert label_of(BOUGHT) == cells.label == "column_3"
    assert cells.file([0]).count(b"\n") == 1


def test_the_rows_of_the_peer_are_those_of_the_cells() -> None:
    listed = table("bought", "classification", WITH_INDEX)
    of, cells = told(listed, INDEXED), raw(listed, INDEXED)
    assert [cells.labels([place])[0].lower() for place in of.rows] == ["true", "false"]


def test_a_rule_is_found_with_nothing_said_but_the_label() -> None:
    found = measured(Asked(BOUGHT, told(BOUGHT, bought()), raw(BOUGHT, bought())), seed=0)
    assert found.ours.score > 0.9
    assert found.ours.loss < 0.3
    assert len(found.beside.ours) == len(found.beside.theirs) == 16
    assert found.theirs == pytest.approx(found.beside.theirs.mean())
    assert found.ours.loss == pytest.approx(found.beside.ours.mean())


def test_the_peer_beside_it_learns_from_the_rows_that_the_model_learned_from() -> None:
    asked = Asked(BOUGHT, told(BOUGHT, bought()), raw(BOUGHT, bought()))
    training = np.arange(60)
    rows = learned(asked, training)
    assert len(rows) == 48
    assert set(rows) < set(training)


@pytest.mark.parametrize("algorithm", ["gradient_boosting", "logistic_regression"])
def test_a_file_goes_through_its_whole_life(algorithm: str) -> None:
    lived = life(BOUGHT, bought(), algorithm)
    assert lived.stopped == ""
    assert lived.notes == 2


def test_a_file_that_stops_says_where_and_why() -> None:
    assert life(BOUGHT, b"%PDF-1.4", "logistic_regression").stopped.startswith(
        "read: made.csv: this is a PDF file"
    )
    stopped = life(BOUGHT, bought().replace(b"no", b"yes"), "logistic_regression").stopped
    assert stopped.startswith(("read: ", "upload: ", "train: "))


def test_classes_are_known_in_any_spelling() -> None:
    assert code_of("1", {"1.0": 0, "2.0": 1}) == 0
    assert code_of("false", {"TRUE": 1, "FALSE": 0}) == 0
    with pytest.raises(KeyError):
        code_of("maybe", {"yes": 1})


def test_a_line_has_both_figures() -> None:
    peer = "| made | 80 | 2 | 2 | 0.1 ± 0.0 | 0.98 ± 0.01 | boosting (3) |"
    both = Beside(np.array([0.1, 0.4]), np.array([0.3, 0.1]))
    figures = [Figures(Measured("gradient_boosting", 0.25, 0.875), 0.2, both)]
    line = (
        "| made | yes | 2 | 0.2500 | 0.2000 | alike (+0.2) | 0.1 ± 0.0 | 0.8750 | 0.98 ± 0.01 "
        "| gradient_boosting (1) |"
    )
    assert shown(BOUGHT, 2, "", figures, peer) == line
    assert "| no: train: a \\| b | 0 |  |  |  | 0.1 ± 0.0 |" in shown(BOUGHT, 0, "train: a | b", [], peer)


def test_what_the_reports_say_below_is_taken_for_no_line_of_ours() -> None:
    warned = "<!-- warned -->\n| tips | leak | dates |\n<!-- warned end -->\n"
    page = f"| tips | 0.3 |\n{START}| tips | yes |\n\n{END}{warned}"
    assert known(page) == ({"tips": "| tips | 0.3 |"}, {"tips": "| tips | yes |"})
    made = written(page, lines([], (0,), *known(page)))
    assert "| tips | yes |\n" in made and made.count("| tips | leak | dates |") == 1
    assert made.endswith(f"\n\n{END}{warned}")


def test_lines_that_are_not_measured_anew_stay_and_the_peers_part_is_not_touched() -> None:
    page = f"peer\n{START}| tips | yes |\n\n{END}rest\n"
    made = written(page, lines([], (0,), {}, rows_of(page)))
    assert made.startswith(f"peer\n{START}\nMeasured at ")
    assert made.endswith(f"\n\n{END}rest\n")
    assert "| tips | yes |\n" in made
    assert "\nNot measured yet: abalone, " in made and ", tips, " not in made
