"""What repeats from row to row is in the rows that a report looks at with its share, and a later version is like it."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai.report_text import Shown, text
from lepton_core.report import make_report
from lepton_core.report.make import Earlier
from lepton_core.report.sampling import SAMPLED_ROWS, pieces_of, sample
from lepton_core.report.values import Report
from lepton_core.table import Categories, Numbers, Read, Table
from lepton_core.table.csv_columns import ReadColumn, columns_from
from lepton_core.table.large.sampled import Sampled
from tests.support.sampling import examples

MOST = 5_000
"""Fewer rows than a report looks at, so that many tables are tried."""


def demand_shares(phases: np.ndarray, period: int) -> None:
    """Each phase has its share, within five standard errors."""
    shares = np.bincount(phases, minlength=period) / len(phases)
    error = np.sqrt((1 - 1 / period) / period / len(phases))
    assert np.abs(shares - 1 / period).max() <= 5 * error + 1 / len(phases), shares


@given(st.integers(2, 50), st.integers(1, 40), st.integers(1, 24), st.integers(-7, 7))
@settings(max_examples=examples(60), deadline=None)
def test_each_phase_of_a_table_that_repeats_has_its_share(
    period: int, times: int, run: int, more: int
) -> None:
    rows = max(MOST + 1, MOST * times + more)
    places = np.arange(rows, dtype=np.float64)
    looked = sample(Table((Numbers("place", places),)), MOST)["place"].values.astype(np.int64)
    assert len(set(looked.tolist())) == MOST
    demand_shares(looked % period, period)
    if rows > 50 * period * run:  # whole runs, as the days of a table of hours
        shares = np.bincount(looked // run % period, minlength=period) / MOST
        assert np.abs(shares - 1 / period).max() < 0.05


@given(st.integers(2, 50), st.integers(1, 30), st.lists(st.integers(1, 3000), min_size=1, max_size=40))
@settings(max_examples=examples(40), deadline=None)
def test_rows_of_a_file_in_pieces_have_their_shares_however_it_is_cut(
    period: int, times: int, sizes: list[int]
) -> None:
    rows = 1_500 * times + period
    table = Table((Numbers("place", np.arange(rows, dtype=np.float64)),))
    one, cut, at = Sampled(most=2_000), Sampled(most=2_000), 0
    one.take(table)
    while at < rows:
        size = sizes[at % len(sizes)]
        cut.take(table.take(slice(at, min(at + size, rows))))
        at += size
    kept = cut.table()["place"].values
    assert kept.tolist() == one.table()["place"].values.tolist()
    assert min(rows, 1_000) - 1 <= len(kept) <= 2_000
    demand_shares(kept.astype(np.int64) % period, period)


@pytest.mark.parametrize("period", [2, 7, 24, 48])
@pytest.mark.parametrize("rows", [50_001, 100_000, 192_000, 200_000])
def test_pieces_of_a_table_that_repeats_see_every_phase(period: int, rows: int) -> None:
    places = pieces_of(rows)
    assert len(places) <= SAMPLED_ROWS
    assert len(set(places.tolist())) == len(places)
    assert 0 <= places.min() <= places.max() < rows
    shares = np.bincount(places % period, minlength=period) / len(places)
    assert np.abs(shares * period - 1).max() < 0.1


def read_of(rows: int, period: int, seed: int) -> Read:
    """Hours, a shift, a panel of things with 24 rows each, a number, and a label that alternates."""
    deal = np.random.default_rng(seed)
    at = np.arange(rows)
    columns = (
        Numbers("hour", (at % period).astype(np.float64), "integer"),
        Categories("shift", (at % 3).astype(np.int32), ("day", "late", "night")),
        Categories("thing", (at // 24 % 40).astype(np.int32), tuple(f"T{one:02}" for one in range(40))),
        Numbers("x", deal.normal(size=rows) + at % 2),
        Categories("y", (at % 2).astype(np.int32), ("p", "q")),
    )
    return Read(Table(columns), "y", tuple(ReadColumn(column, None) for column in columns))


def demand_true(report: Report, rows: int, period: int) -> None:
    assert not {"one_class", "constant", "nearly_constant", "unbalanced"} & report.codes()
    assert [one.rows for one in report.label.classes] == [rows - rows // 2, rows // 2]
    by_name = {one.name: one for one in report.columns}
    assert [by_name[name].distinct for name in ("hour", "shift", "thing", "y")] == [period, 3, 40, 2]
    for name, values in (("hour", period), ("shift", 3)):
        for one in by_name[name].top:
            assert abs(one.rows / report.sampled - 1 / values) < 0.012


@pytest.mark.parametrize(("rows", "more", "period"), [(100_000, 130_000, 24), (50_001, 200_000, 50)])
def test_a_later_version_of_the_same_make_is_not_held(rows: int, more: int, period: int) -> None:
    first, second = read_of(rows, period, 1), read_of(more, period, 2)
    before = make_report(first)
    demand_true(before, rows, period)
    report = make_report(second, earlier=Earlier(1, before))
    demand_true(report, more, period)
    assert not report.held
    assert not {"new_levels", "new_classes", "drift", "label_share"} & report.codes()


def test_the_classes_of_a_file_in_pieces_are_those_of_all_rows() -> None:
    read = read_of(120_000, 24, 3)
    labels = read.table["y"]
    some = Sampled(most=3_000)
    some.take(read.table)
    table = some.table()
    cut = Read(table, "y", tuple(ReadColumn(column, None) for column in table.columns))
    report = make_report(cut, labels=labels)
    assert (report.rows, report.label.rows, report.format) == (120_000, 120_000, 2)
    assert report.label.classes == make_report(read).label.classes


def test_a_value_that_hardly_a_row_lacks_is_counted_in_all_rows() -> None:
    rows = 150_000
    rare, rarer = np.zeros(rows), np.zeros(rows)
    rare[:: rows // 120] = 1.0
    rarer[7] = 1.0
    columns = (
        Numbers("rare", rare),
        Numbers("rarer", rarer),
        Numbers("x", np.random.default_rng(0).normal(size=rows)),
        Categories("y", (np.arange(rows) % 2).astype(np.int32), ("p", "q")),
    )
    report = make_report(Read(Table(columns), "y", tuple(ReadColumn(column, None) for column in columns)))
    assert "nearly_constant" not in report.codes("rare")  # 120 others are enough to learn from
    assert "nearly_constant" in report.codes("rarer")
    assert "constant" not in report.codes()


@pytest.mark.parametrize("period", [2, 3, 5, 7])
def test_a_column_that_is_decided_again_is_decided_by_every_phase(period: int) -> None:
    rows = 20_000 * period
    cells = [f"{at % 977 / 7:.3f}" for at in range(rows)]
    cells[4_000::period] = ["A" if at % 50 == 0 else cell for at, cell in enumerate(cells[4_000::period])]
    [read] = columns_from(["a"], lambda: iter([[[cell] for cell in cells]]))
    assert read.column.kind == "number"
    assert int(read.column.missing.sum()) == cells.count("A")


def test_a_report_of_before_still_loads_and_its_classes_are_of_the_rows_it_looked_at() -> None:
    report = make_report(read_of(60_000, 24, 1))
    body = msgspec.json.decode(msgspec.json.encode(report))
    del body["label"]["rows"], body["format"]
    for one in body["label"]["classes"]:
        one["rows"] = 25_000
    old = msgspec.json.decode(msgspec.json.encode(body), type=Report)
    assert (old.format, old.label.rows) == (1, 0)
    assert "p 50.0%, q 50.0%" in text(Shown("d", 1, old))
    assert "p 50.0%, q 50.0%" in text(Shown("d", 1, report))
    assert not make_report(read_of(70_000, 24, 2), earlier=Earlier(1, old)).held
