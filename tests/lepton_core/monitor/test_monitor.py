from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.drift import Counter, Profile, empty_sketch, profile
from lepton_core.errors import InvalidArtifact
from lepton_core.monitor import (
    REFUSED,
    Alert,
    Assessment,
    Drift,
    Refusals,
    assess,
    next_alerts,
    refusal_alarm,
)
from lepton_core.table import Categories, Numbers, Table

FEATURES = 30


def traffic(rng: np.random.Generator, rows: int, *, shift: float = 0.0) -> tuple[Table, np.ndarray]:
    """Numbers and categories of every kind; the first column is moved by ``shift``."""
    X = rng.normal(size=(rows, 15))
    X[:, 0] += shift
    skewed = np.exp(rng.normal(size=(rows, 3)))
    skewed[rng.random((rows, 3)) < 0.05] = np.nan
    columns = [
        *(Numbers(f"normal {i}", X[:, i].copy()) for i in range(15)),
        *(Numbers(f"skewed {i}", skewed[:, i].copy()) for i in range(3)),
        *(Numbers(f"whole {i}", rng.poisson(i + 0.5, rows).astype(np.float64)) for i in range(4)),
        *(Categories(f"few {i}", rng.integers(0, 4, rows).astype(np.int32), tuple("abcd")) for i in range(4)),
        *(Categories(f"many {i}", _rare(rng, rows), tuple(f"{k:02d}" for k in range(60))) for i in range(4)),
    ]
    assert len(columns) == FEATURES
    return Table(tuple(columns)), 3 * X[:, 1] + X[:, 2]


def _rare(rng: np.random.Generator, rows: int) -> np.ndarray:
    weights = 1 / np.arange(1, 61) ** 1.5
    return rng.choice(60, rows, p=weights / weights.sum()).astype(np.int32)


def assessed(seed: int, trained: int, rows: int, *, shift: float = 0.0) -> Assessment:
    rng = np.random.default_rng([seed, trained, rows])
    reference = profile(*traffic(rng, trained))
    counter = Counter(reference)
    counter.observe(*traffic(rng, rows, shift=shift), latency_ms=1.0)
    return assess(reference, counter.snapshot())


@pytest.mark.slow
class TestSimulations:
    @pytest.mark.parametrize(("trained", "rows"), [(500, 40), (500, 500), (100, 1000)])
    def test_without_drift_hardly_a_seed_raises_an_alarm(self, trained: int, rows: int) -> None:
        alarms = sum(bool(assessed(seed, trained, rows).drifted) for seed in range(200))
        assert alarms <= 0.02 * 200

    def test_a_shift_of_one_standard_deviation_is_found(self) -> None:
        found = [[d.name for d in assessed(seed, 500, 500, shift=1.0).drifted] for seed in range(200)]
        assert sum("normal 0" in names for names in found) >= 0.99 * 200
        assert sum(names != ["normal 0"] for names in found) <= 0.02 * 200

    def test_a_few_rows_are_no_evidence(self) -> None:
        for rows in (1, 2, 5):
            assert not any(assessed(seed, 500, rows).drifted for seed in range(20))


class TestAssess:
    def one(self, reference: Profile, values: list[float]) -> Drift:
        counter = Counter(reference)
        counter.observe(Table((Numbers("x", np.array(values)),)), np.zeros(len(values)), 1.0)
        return assess(reference, counter.snapshot()).features[0]

    def test_missing_values_are_drift(self) -> None:
        rng = np.random.default_rng(0)
        reference = profile(Table((Numbers("x", rng.normal(size=1000)),)), np.zeros(1000))
        values = rng.normal(size=300)
        assert not self.one(reference, values.tolist()).drifted
        values[:150] = np.nan
        assert self.one(reference, values.tolist()).drifted

    def test_a_constant_that_changes_is_drift(self) -> None:
        reference = profile(Table((Numbers("x", np.full(200, 3.0)),)), np.zeros(200))
        assert not self.one(reference, [3.0] * 50).drifted
        assert self.one(reference, [4.0] * 50).drifted

    def test_a_level_never_seen_is_drift(self) -> None:
        reference = profile(Table((Categories.of("x", ["a", "b"] * 200),)), np.zeros(400))
        counter = Counter(reference)
        codes = np.array([0, 1, 2, 2] * 50, dtype=np.int32)
        counter.observe(Table((Categories("x", codes, ("a", "b")),)), np.zeros(200), 1.0)
        assert assess(reference, counter.snapshot()).features[0].drifted

    def test_the_prediction_drifts_too(self) -> None:
        rng = np.random.default_rng(0)
        reference = profile(Table(()), rng.dirichlet([1, 1], 500), ["no", "yes"])
        counter = Counter(reference)
        counter.observe(Table((Numbers("x", np.zeros(100)),)), np.tile([0.1, 0.9], (100, 1)), 1.0)
        found = assess(reference, counter.snapshot())
        assert [drift.name for drift in found.drifted] == ["prediction"]

    def test_without_rows_nothing_has_drifted(self) -> None:
        reference = profile(*traffic(np.random.default_rng(0), 50))
        found = assess(reference, empty_sketch(reference), threshold=0.3)
        assert found.rows == 0
        assert {(d.psi, d.alarm, d.drifted) for d in (*found.features, found.prediction)} == {
            (0.0, 0.3, False)
        }

    def test_the_line_is_the_threshold_or_the_noise(self) -> None:
        many = assessed(0, 5000, 5000).features[0]
        few = assessed(0, 5000, 20).features[0]
        assert many.alarm == 0.2
        assert few.alarm > 1

    def test_another_profile_is_refused(self) -> None:
        reference = profile(*traffic(np.random.default_rng(0), 50))
        with pytest.raises(InvalidArtifact):
            assess(reference, empty_sketch(profile(Table(()), np.zeros(3))))


def calls(refused: int, answered: int) -> Assessment:
    reference = profile(Table(()), np.zeros(3))
    counter = Counter(reference)
    for _ in range(answered):
        counter.observe(Table((Numbers("x", np.zeros(1)),)), np.zeros(1), 1.0)
    for _ in range(refused):
        counter.error(1.0)
    return assess(reference, counter.snapshot())


class TestRefusals:
    def test_fifty_of_fifty_refused_calls_are_failing(self) -> None:
        assert calls(50, 0).refusals == Refusals(50, 50, refusal_alarm(50))
        assert calls(50, 0).refusals.failing
        assert calls(50, 50).refusals.failing

    def test_a_few_slips_are_not(self) -> None:
        assert not any(calls(refused, 50 - refused).refusals.failing for refused in range(10))
        assert not calls(3, 0).refusals.failing
        assert not calls(0, 0).refusals.failing

    @pytest.mark.parametrize("count", [1, 4, 10, 50, 1000])
    def test_chance_seldom_crosses_the_line(self, count: int) -> None:
        refused = np.random.default_rng(0).binomial(count, 0.1, 100_000)
        assert np.mean(refused / count > (refusal_alarm(count) or 1.0)) <= 0.001

    def test_the_line_falls_to_what_may_be_refused(self) -> None:
        assert refusal_alarm(1) is None
        lines = [refusal_alarm(count) or 1.0 for count in (1, 3, 4, 10, 100, 10_000, 10**9)]
        assert lines == sorted(lines, reverse=True)
        assert 0.1 < lines[-1] < 0.1003


NOW = datetime(2030, 1, 1, 12)
LATER = NOW + timedelta(hours=1)


def found(psi: float, *, alarm: float = 0.2, rows: int = 500) -> Assessment:
    calm = Drift("prediction", 0.01, alarm, drifted=False)
    return Assessment(rows, (Drift("x", psi, alarm, drifted=psi > alarm),), calm)


class TestAlerts:
    def opened(self) -> Alert:
        [change] = next_alerts([], found(0.5), NOW)
        assert change.kind == "opened"
        return change.alert

    def test_calm_changes_nothing(self) -> None:
        assert next_alerts([], found(0.1), NOW) == []

    def test_it_opens_once(self) -> None:
        assert self.opened() == Alert(
            name="feature:x",
            message="feature 'x' drifted: PSI 0.50 over 500 rows, above 0.20",
            value=0.5,
            threshold=0.2,
            opened=NOW,
            seen=NOW,
        )

    def test_it_repeats_silently(self) -> None:
        [change] = next_alerts([self.opened()], found(0.7), LATER)
        assert change.kind == "repeated"
        alert = change.alert
        assert (alert.opened, alert.seen, alert.count, alert.value) == (NOW, LATER, 2, 0.7)
        assert (alert.state, alert.closed) == ("open", None)

    def test_it_closes(self) -> None:
        [change] = next_alerts([self.opened()], found(0.1), LATER)
        assert change.kind == "closed"
        assert change.alert == replace(self.opened(), state="closed", closed=LATER)

    def test_it_stays_open_without_rows(self) -> None:
        assert next_alerts([self.opened()], found(0.0, rows=0), LATER) == []

    def test_it_stays_open_while_rows_are_too_few_to_tell(self) -> None:
        assert next_alerts([self.opened()], found(0.4, alarm=0.9, rows=20), LATER) == []
        [change] = next_alerts([self.opened()], found(0.4, alarm=0.5, rows=80), LATER)
        assert change.kind == "closed"

    def test_it_closes_when_its_subject_is_gone(self) -> None:
        gone = replace(self.opened(), name="feature:old")
        [change] = next_alerts([gone], found(0.1), LATER)
        assert (change.kind, change.alert.name) == ("closed", "feature:old")

    def test_refused_calls_open_an_alert_without_any_row(self) -> None:
        [change] = next_alerts([self.opened()], calls(50, 0), LATER)
        assert (change.kind, change.alert.name, change.alert.value) == ("opened", REFUSED, 1.0)
        assert change.alert.message == "50 of 50 calls refused, above 29%"
        [again] = next_alerts([change.alert], calls(60, 0), LATER)
        assert (again.kind, again.alert.count) == ("repeated", 2)

    def test_it_closes_when_calls_are_answered_again(self) -> None:
        [change] = next_alerts([], calls(50, 0), NOW)
        assert next_alerts([change.alert], calls(0, 2), LATER) == []
        [closed] = next_alerts([change.alert], calls(0, 50), LATER)
        assert (closed.kind, closed.alert.name) == ("closed", REFUSED)

    def test_features_and_the_prediction_do_not_mix(self) -> None:
        both = Assessment(100, (Drift("prediction", 0.5, 0.2, True),), Drift("prediction", 0.6, 0.2, True))
        changes = next_alerts([], both, NOW)
        assert [change.alert.name for change in changes] == ["feature:prediction", "prediction"]

    @settings(deadline=None, max_examples=50)
    @given(st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.9]), max_size=12))
    def test_whatever_comes_one_alert_is_open_at_most(self, sizes: list[float]) -> None:
        open_alerts: list[Alert] = []
        for hour, size in enumerate(sizes):
            assessment, now = found(size), NOW + timedelta(hours=hour)
            changes = next_alerts(open_alerts, assessment, now)
            assert len(changes) <= 1
            open_alerts = [change.alert for change in changes if change.kind != "closed"]
            assert bool(open_alerts) == bool(assessment.drifted)
