"""Where nearly all rows are of one class, the words say what that means, and only there."""

import numpy as np
import pytest

from lepton_core.evaluate import Imbalance, classification_report
from lepton_core.imbalance import imbalance_of
from lepton_core.report.table_findings import UNBALANCED


def made(counts: dict[str, int], y: list[int], of_second: list[float]) -> Imbalance | None:
    p = np.column_stack([1 - np.array(of_second), of_second])
    return imbalance_of(classification_report(np.array(y), p, ["no", "yes"]), counts)


def test_the_line_is_that_of_the_report_of_an_upload() -> None:
    y, p = [0, 1], [0.1, 0.4]
    at = round(1000 * UNBALANCED)
    assert made({"no": at, "yes": 1000 - at}, y, p) is not None
    assert made({"no": at - 1, "yes": 1001 - at}, y, p) is None
    assert made({}, y, p) is None


def test_a_class_that_no_label_says_is_said_and_what_helps() -> None:
    found = made({"no": 960, "yes": 40}, [0] * 95 + [1] * 5, [0.1] * 100)
    assert found is not None
    assert (found.most, found.share, found.rarest, found.support, found.answered) == ("no", 0.95, "yes", 5, 0)
    assert found.sentences == (
        "'yes' is rare, 5 of 100 held-out rows: always answering 'no' is 95.0 % right, so look at log loss and AUC",
        "candidates are compared by log loss; no row is left out, and none is weighted unless that was asked for",
        "'yes' is never the most probable class, so no label says it; to have it found: "
        "model.set_threshold(recall=0.9, label='yes')",
    )
    assert [one.said for one in found.remedies] == ["model.set_threshold(recall=0.9, label='yes')"]


def test_a_class_that_some_labels_say_is_counted() -> None:
    found = made({"no": 960, "yes": 40}, [0] * 95 + [1] * 5, [0.1] * 94 + [0.9] * 3 + [0.2] * 3)
    assert found is not None
    assert found.answered == 3
    assert found.sentences[-1].startswith("'yes' is the most probable class of 3 rows, rightly of 2; ")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (20, []),
        (
            19,
            [
                "there are only 19 rows of 'yes' to learn from: chance has much to say in what is found by so few"
            ],
        ),
        (
            4,
            [
                "there are only 4 rows of 'yes' to learn from: chance has much to say in what is found by so few, "
                "and some folds have none"
            ],
        ),
        (
            1,
            [
                "there is only 1 row of 'yes' to learn from: chance has much to say in what is found by so few, "
                "and some folds have none"
            ],
        ),
    ],
)
def test_few_rows_to_learn_from_are_said(rows: int, said: list[str]) -> None:
    found = made({"no": 1000, "yes": rows}, [0, 1], [0.1, 0.4])
    assert found is not None
    assert list(found.sentences[2:-1]) == said


def test_nothing_is_offered_where_no_row_of_it_was_held_out() -> None:
    found = made({"no": 1000, "yes": 30}, [0, 0], [0.1, 0.4])
    assert found is not None
    assert found.remedies == ()
    assert found.sentences[-1] == "these rows cannot say how many of 'yes' are found: none of them is one"


def test_of_more_classes_the_costs_of_missing_the_rarest_are_offered() -> None:
    report = classification_report(np.array([0] * 18 + [1, 2]), np.tile([0.8, 0.1, 0.1], (20, 1)), "abc")
    found = imbalance_of(report, {"a": 900, "b": 60, "c": 40})
    assert found is not None
    assert found.rarest == "c"
    assert found.sentences[-1].endswith("model.set_threshold(costs={'c': 10})")
