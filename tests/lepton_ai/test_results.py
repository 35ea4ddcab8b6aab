"""How results read: predictions, reports, progress, tables."""

import io
from datetime import UTC, datetime

import numpy as np
import pytest

from lepton_ai.evaluation import Evaluation
from lepton_ai.predictions import Prediction, Predictions
from lepton_ai.progress import Bar, Lines, Silent, reporter, time_left
from lepton_ai.replies import read
from lepton_ai.report import MonitorReport
from lepton_ai.results import Run
from lepton_ai.row_error import RowError
from lepton_ai.row_notes import Filled, Ignored, RowNotes, Unknown
from lepton_ai.show import duration, figure, text_table
from lepton_core.monitor import Alert, Drift
from tests.support.clocks import Seconds

SOME = [Prediction("yes", {"no": 0.1 * at, "yes": 1 - 0.1 * at}) for at in range(5)]


def test_a_part_of_predictions_says_only_what_holds_for_each_of_its_rows() -> None:
    notes = RowNotes((Ignored("agee", "age"),), (Filled("age", 1),), (Unknown("town", 1, ("Bonn",)),))
    found = Predictions("m", 2, SOME, notes)
    assert found[:].notes == found[0:5].notes == notes
    assert found[1:].notes == found[:0].notes == RowNotes((Ignored("agee", "age"),))


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_predictions_are_a_sequence() -> None:
    found = Predictions("m", 2, SOME)
    assert (len(found), found[1], list(found), found[-2:].labels) == (5, SOME[1], SOME, ["yes", "yes"])
    assert found[:5] == found and SOME[0] in found
    assert found.classes == ["no", "yes"] and found.probabilities[0] == {"no": 0.0, "yes": 1.0}
    np.testing.assert_array_equal(found.to_numpy()[:, 0], [0.1 * at for at in range(5)])
    assert repr(found) == ("<5 predictions by m version 2: yes (1.0000), yes (0.9000), yes (0.8000), ...>")
    assert str(Predictions("m", 1, SOME * 3)).endswith("... 5 more rows")
    assert len(Predictions("m", 1, SOME * 3).table().splitlines()) == 16
    with pytest.raises(AttributeError, match=r"\.labels and \.probabilities"):
        _ = found.values


@pytest.mark.parametrize(("classes", "head"), [(2, ["P(c0)", "P(c1)"]), (10, None), (11, ["P(label)"])])
def test_a_table_has_a_column_for_each_of_a_few_classes(classes: int, head: list[str] | None) -> None:
    shares = {f"c{at}": 1 / classes for at in range(classes)}
    first, row = str(Predictions("m", 1, [Prediction("c0", shares)])).splitlines()
    assert first.split() == ["row", "label", *(head or map("P({})".format, shares))]
    assert row.split() == ["1", "c0", *[f"{1 / classes:.4f}"] * len(first.split()[2:])]
    assert (
        len(Predictions("m", 1, [Prediction("c0", shares)]).to_csv().splitlines()[0].split(","))
        == classes + 1
    )


def test_values_of_a_regression() -> None:
    found = Predictions("m", 1, [Prediction(value=1.0), Prediction(value=2.5)])
    assert found.values == [1.0, 2.5] and found.is_regression and str(found[1]) == "2.5"
    np.testing.assert_array_equal(found.to_numpy(), [1.0, 2.5])
    assert found.to_csv() == "value\n1.0\n2.5\n"
    assert repr(found[0]) == "Prediction(value=1.0)"
    with pytest.raises(AttributeError, match=r"\.values"):
        _ = found.labels
    nothing = Predictions("m", 1, [])
    assert nothing.labels == nothing.values == [] and nothing.to_numpy().shape == (0, 0)


def test_rows_without_a_prediction_keep_their_place_and_say_why() -> None:
    empty = Prediction(error=RowError(2, "'x' is no number", "age", line=3))
    found = Predictions("m", 1, [SOME[1], empty, SOME[2]])
    assert (found.labels, found.classes, len(found)) == (["yes", None, "yes"], ["no", "yes"], 3)
    assert np.isnan(found.to_numpy()).tolist() == [[False] * 2, [True] * 2, [False] * 2]
    assert np.isnan(list(found.probabilities[1].values())).all() and list(found.probabilities[1]) == [
        "no",
        "yes",
    ]
    said = "line 3, column 'age': 'x' is no number"
    assert found.empty() == f"1 of 3 rows has no prediction:\n  {said}"
    assert str(found).endswith(found.empty()) and repr(found).startswith(
        "<3 predictions by m version 1, 1 of them empty"
    )
    assert found.table().splitlines()[0].split() == ["row", "label", "P(no)", "P(yes)", "error"]
    assert found.table().splitlines()[2].split(maxsplit=1) == ["2", said]
    assert found.to_csv().splitlines()[::2] == ["label,P(no),P(yes),error", f',,,"{said}"']
    assert found.to_csv().splitlines()[1] == "yes,0.1,0.9,"
    assert "no prediction" in found._repr_html_() and str(empty) == f"empty ({said})"
    assert found[:1].errors == [] and found[:1].empty() == ""


def test_a_first_row_without_a_prediction_hides_nothing_of_the_others() -> None:
    empty = Prediction(error=RowError(1, "the row could not be read"))
    values = Predictions("m", 1, [empty, Prediction(value=2.5)] * 11)
    assert values.is_regression and values.values[1] == 2.5 and np.isnan(values.values[0])
    assert values.to_csv().splitlines()[:3] == ["value,error", ",row 1: the row could not be read", "2.5,"]
    assert values.empty().startswith("11 of 22 rows have no prediction:") and values.empty().endswith(
        "and 1 more"
    )
    assert Predictions("m", 1, [empty, SOME[0]]).classes == ["no", "yes"]


@pytest.mark.parametrize(("folds", "said"), [(3, "(0.1, 0.2, 0.3)"), (50, "(0.1 to 5)")])
def test_many_folds_are_not_listed(folds: int, said: str) -> None:
    losses = [at / 10 for at in range(1, folds + 1)]
    loss = sum(losses) / folds
    shown = str(Evaluation("m", None, loss, losses, {"accuracy": 0.9}, {}, {}))
    assert shown.splitlines()[0] == f"m: cross-validation log_loss {figure(loss)} over {folds} folds {said}"


def test_html_is_escaped() -> None:
    html = Predictions("m", 1, [Prediction("<script>", {"<script>": 1.0})])._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


def run(**fields: object) -> Run:
    told = {
        "id": "run-1",
        "model": "m",
        "kind": "train",
        "state": "succeeded",
        "iteration": 12,
        "iterations": 1000,
    }
    told |= {"loss": [], "created": "2024-05-01T12:00:00Z", "updated": "2024-05-01T12:00:00Z"}
    return read({**told, **fields}, Run)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"note": "newton: few rows; converged after 12 iterations"}, "converged after 12 iterations"),
        ({"note": "early stopping after 12 iterations"}, "early stopping after 12 iterations"),
        ({"note": "smo: at rest after 345 iterations"}, "converged after 345 iterations"),
        ({"iteration": 50, "iterations": 50}, "50 iterations"),
        ({}, "12 of at most 1000 iterations"),
        ({"state": "running"}, "iteration 12 of 1000"),
        ({"state": "running", "loss": [0.5]}, "iteration 12 of 1000, objective 0.5"),
        ({"state": "running", "iterations": 0, "trial": 3, "trials": 38}, "measurement 3 of about 38"),
        ({"iterations": 0, "trial": 38, "trials": 38}, "38 measurements"),
        ({"state": "cancelled"}, "iteration 12 of 1000"),
    ],
)
def test_a_training_that_is_done_does_not_look_aborted(fields: dict[str, object], said: str) -> None:
    assert str(run(**fields)).split(", ", 1)[1] == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"outcome": {"trigger": "asked for"}}, "asked for"),
        (
            {"by_itself": True, "outcome": {"trigger": "data version 2 is newer than version 1"}},
            "by itself because data version 2 is newer than version 1",
        ),
        ({"by_itself": True}, "by itself"),
    ],
)
def test_an_update_says_why_it_ran(fields: dict[str, object], said: str) -> None:
    assert str(run(kind="update", iterations=0, **fields)) == f"update m succeeded, {said}"


def report(features: list[Drift], **fields: object) -> MonitorReport:
    told: dict[str, object] = {
        "model": "m",
        "version": 1,
        "hours": 24,
        "requests": 3,
        "rows": 30,
        "errors": 1,
        "latency_p50_ms": 0.51234,
        "latency_p99_ms": 2.0,
        "features": features,
        "prediction": Drift("prediction", 0.01, 0.2, False),
        "alerts": [],
        "status": "healthy",
    }
    return MonitorReport(**{**told, **fields})  # type: ignore[arg-type]


def test_a_report_shows_the_worst_first() -> None:
    features = [Drift(f"f{at:02}", at / 100, 0.2, at == 3) for at in range(14)]
    text = str(report(features, status="drift"))
    assert text.splitlines()[0] == "m version 1: drift (last 24 h)"
    assert "3 requests, 30 rows, 1 errors" in text and "latency p50 0.5123 ms, p99 2 ms" in text
    lines = text.splitlines()
    first = next(at for at, line in enumerate(lines) if "(prediction)" in line)
    assert lines[first + 1].split() == ["f03", "0.030", "0.200", "drifted"]
    assert lines[first + 2].split()[0] == "f13"
    assert lines[-1].strip() == "4 more features did not drift"
    assert report(features).drifted == ["f03"]


def test_a_report_without_traffic_is_short() -> None:
    quiet = report(
        [Drift("f", 0.0, 0.2, False)],
        status="no traffic",
        requests=0,
        rows=0,
        errors=0,
        version=None,
        latency_p50_ms=None,
    )
    assert str(quiet) == "m no version: no traffic (last 24 h)\n  0 requests, 0 rows, 0 errors"
    assert repr(quiet) == "<MonitorReport m no version: no traffic: 0 requests, 0 features drifted>"


def test_a_report_in_a_notebook_is_escaped() -> None:
    when = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
    alert = Alert("drift:<i>", "psi of <i>", 0.5, 0.2, when, when, 3)
    shown = report([Drift("<i>", 0.5, 0.2, True)], alerts=[alert])
    assert "<i>" not in shown._repr_html_() and "<td>&lt;i&gt;</td>" in shown._repr_html_()
    assert "alert drift:<i> (open) since 2024-05-01 12:00 UTC, seen 3 times: psi of <i>" in str(shown)


def test_lines_come_at_the_start_at_each_tenth_after_two_seconds_and_at_the_end() -> None:
    stream, clock = io.StringIO(), Seconds()
    lines = Lines("training m", "iteration", stream, clock)
    lines.update(0, 0)
    for done in range(1, 100):
        clock.now += 0.01
        lines.update(done, 100, loss=1 / done)
    clock.now += 2.5
    lines.update(99, 100, loss=0.01)
    lines.close("training m: done")
    shown = stream.getvalue().splitlines()
    assert [int(line.split()[3]) for line in shown[:-1]] == [1, 11, 21, 31, 41, 51, 61, 71, 81, 91, 99]
    assert shown[0] == "training m: iteration 1 of 100, objective 1"
    assert shown[-1] == "training m: done"

    slow = io.StringIO()
    lines = Lines("t", "iteration", slow, clock)
    for done in range(1, 6):
        clock.now += 2.0
        lines.update(done, 1000)
    lines.close()
    assert len(slow.getvalue().splitlines()) == 5

    upload = io.StringIO()
    Lines("uploading m", "byte", upload, clock).update(4_200_000, 35_700_740)
    assert upload.getvalue() == "uploading m: 4.2 of 35.7 MB\n"


def test_a_terminal_gets_a_bar_and_keeps_only_the_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream, clock = Terminal(), Seconds()
    bar = Bar("training m", "iteration", stream, clock)
    bar.update(0, 0)
    clock.now = 10.0
    bar.update(25, 100, loss=0.5)
    bar._bar.refresh()
    bar.close("training m: done [bold]in 1 s")
    shown = stream.getvalue()
    assert "iteration 25 of 100  objective 0.5  30.0 s left" in shown
    assert shown.endswith("training m: done [bold]in 1 s\n")


def test_the_stream_and_its_terminal_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(reporter("t", "byte", stream=Terminal()), Lines)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(reporter("t", "byte", stream=io.StringIO()), Lines)
    assert isinstance(reporter("t", "byte", quiet=True, stream=Terminal()), Silent)
    bar = reporter("t", "byte", stream=Terminal())
    assert isinstance(bar, Bar)
    bar.close()
    Silent().update(1, 2)
    Silent().close("x")


def test_small_helpers() -> None:
    assert time_left(0, 0, 0, 5, 10) is None and time_left(0, 5, 1, 5, 10) is None
    assert [figure(value) for value in (float("nan"), 1e300, -0.5, 123456.7)] == [
        "nan",
        "1e+300",
        "-0.5",
        "123457",
    ]
    assert duration(59.97) == "1 min 0 s"
    assert text_table(["a", "b"], []) == "a  b"
