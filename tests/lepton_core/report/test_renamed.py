"""A column under another name is known by its kind and by how it is distributed."""

import numpy as np
import pytest

from lepton_core.report import ColumnReport, make_report
from lepton_core.report.renamed import looks_like
from lepton_core.table import Read, read_csv

MANY = 300


def read(names: str, seed: int, shift: float = 0.0) -> Read:
    rng = np.random.default_rng(seed)
    days = np.datetime64("2024-01-01") + np.arange(MANY) + 90 * seed
    rows = [
        f"{rng.gamma(2.0) * 50 + shift:.2f},{rng.normal():.3f},{rng.choice(['Bonn', 'Ulm', 'Kiel'])},"
        f"{rng.choice(['low', 'mid', 'high'])},{day},{rng.choice(['yes', 'no'])}"
        for day in days
    ]
    return read_csv("\n".join([names, *rows]).encode(), label="paid")


def before(name: str) -> ColumnReport:
    report = make_report(read("price,z,town,grade,day,paid", 1))
    return next(one for one in report.columns if one.name == name)


NEW = ["cost", "q", "city", "rank", "when"]


@pytest.mark.parametrize(
    ("missing", "same"),
    [("price", "cost"), ("z", "q"), ("town", "city"), ("grade", "rank"), ("day", "when")],
)
def test_of_many_new_columns_the_one_is_found_that_it_was(missing: str, same: str) -> None:
    table = read("cost,q,city,rank,when,paid", 2).table
    assert looks_like(before(missing), table, NEW) == same


def test_nothing_is_found_if_no_new_column_is_of_the_kind_or_lies_where_it_lay() -> None:
    table = read("cost,q,city,rank,when,paid", 2, shift=5000.0).table
    assert looks_like(before("price"), table, ["city", "rank", "when"]) is None
    assert looks_like(before("price"), table, ["cost", "city"]) is None
    assert looks_like(before("town"), table, ["rank"]) is None
    assert looks_like(before("price"), table, []) is None
