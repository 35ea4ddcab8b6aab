"""The page never looks complete when it is not, nor quiet when the machine was busy."""

from dataclasses import replace

from tests.benchmarks.auto_systems.page import lines
from tests.benchmarks.auto_systems.tables import Drawn
from tests.benchmarks.auto_systems.test_aggregate import LOSSES
from tests.benchmarks.auto_systems.test_aggregate import lines as measured

TABLES = [Drawn(name, "", "binary", 1000, 3, 2, ()) for name in ("adult", "wells")]
WHOLE = [one for table in TABLES for split in range(3) for one in measured(table.name, split=split)]


def page(*args: object) -> str:
    return "\n".join(lines(*args))  # type: ignore[arg-type]


def test_without_results_it_says_so() -> None:
    assert "Nothing is measured yet**: 0 of 6 pairs" in page([], TABLES)


def test_what_is_missing_is_counted() -> None:
    assert "All 6 pairs" in page(WHOLE, TABLES)
    text = page(WHOLE[:-1], TABLES)
    assert "**Not complete**: 5 of 6 pairs" in text
    assert "lepton 6," in text
    assert "lightgbm 5)" in text


def test_a_system_that_was_not_asked_is_named() -> None:
    text = page([one for one in WHOLE if one.system != "autogluon-medium"], TABLES)
    assert "Not asked with this budget: autogluon-medium." in text
    assert "by all 4 systems" in text


def test_each_budget_has_its_own_section() -> None:
    text = page([*WHOLE, replace(WHOLE[0], budget=600.0)], TABLES)
    assert "All 6 pairs" in text.partition("## 600 s of training")[0]
    assert "**Not complete**: 0 of 6 pairs" in text.partition("## 600 s of training")[2]


def test_the_systems_stand_in_the_order_of_their_ranks() -> None:
    rows = [line.split("|")[1].strip() for line in lines(WHOLE, TABLES) if line.startswith("| ")]
    assert [name for name in rows if name in LOSSES] == [
        "lepton",
        "autogluon-good",
        "flaml",
        "autogluon-medium",
        "lightgbm",
    ]


def test_a_busy_machine_is_told() -> None:
    assert "Disturbed" not in page(WHOLE, TABLES)
    assert "**Disturbed**: in 1 of 30 runs" in page([replace(WHOLE[0], others=0.5), *WHOLE[1:]], TABLES)
    assert "not known of 1 runs" in page([replace(WHOLE[0], others=None), *WHOLE[1:]], TABLES)


def test_older_results_and_failures_are_told() -> None:
    text = page([replace(WHOLE[0], version="0"), *WHOLE], TABLES)
    assert "1 results of other versions" in text
    text = page([replace(WHOLE[0], loss=None, error="status | 1", choice=""), *WHOLE[1:]], TABLES)
    assert "(1 failed)" in text
    assert "status \\| 1" in text
