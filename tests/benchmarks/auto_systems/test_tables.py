"""Defaults that are learned from some tables are judged by others; which ones says a rule that looks at no result."""

import hashlib
from collections import Counter

import numpy as np
import pytest

from tests.benchmarks.auto_systems.tables import (
    FEWEST,
    GROUPS,
    SAME_PEOPLE,
    OtherSplit,
    demand_split,
    groups,
    groups_of,
    of_rows,
    written,
)
from tests.benchmarks.real_tables.listed import listed
from tests.benchmarks.real_tables.peer import SEEDS

DRAWN = groups()
ALL = [one for tables in DRAWN.values() for one in tables]


def test_no_content_is_in_both_groups() -> None:
    judged, portfolio = ({one.sha256 for one in DRAWN[name]} for name in ("judged", "portfolio"))
    assert not judged & portfolio
    assert len(judged) + len(portfolio) == len(ALL)


def test_files_about_the_same_people_are_in_one_group() -> None:
    group = {one.name: name for name, tables in DRAWN.items() for one in tables}
    for name, other in SAME_PEOPLE.items():
        assert group[name] == group[other]


@pytest.mark.parametrize(
    ("group", "digest"), [("judged", "a1d5efd23f301e28"), ("portfolio", "d455ce252f14cfe5")]
)
def test_a_group_stays_what_it_was_when_it_was_drawn(group: str, digest: str) -> None:
    content = "\n".join(" ".join((one.sha256, *one.splits)) for one in DRAWN[group])
    assert hashlib.sha256(content.encode()).hexdigest()[:16] == digest


def test_the_groups_are_those_of_the_rule() -> None:
    assert groups_of(reversed(ALL)) == DRAWN
    assert GROUPS.read_text(encoding="utf-8") == written(DRAWN)


def test_every_table_is_that_of_the_list_and_large_enough() -> None:
    known = {one.name: one for one in listed()}
    for one in ALL:
        assert known[one.name].sha256 == one.sha256
        assert (known[one.name].task == "regression") == (one.kind == "regression")
        assert one.rows >= FEWEST
        assert len(set(one.splits)) == len(SEEDS)


def test_each_group_has_every_kind() -> None:
    assert len(DRAWN["judged"]) >= 16
    for tables in DRAWN.values():
        assert min(Counter(one.kind for one in tables).values()) >= 5


def test_other_rows_than_those_of_the_list_are_refused() -> None:
    [one, *_] = ALL
    with pytest.raises(OtherSplit, match=rf"{one.name}: the held-out rows of split 1"):
        demand_split(one, 1, np.arange(3))
    assert of_rows(np.array([1, 2])) != of_rows(np.array([12]))
