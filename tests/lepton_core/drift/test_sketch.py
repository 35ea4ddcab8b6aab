import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.drift import Counter, Sketch, empty_sketch, merge, observe, profile
from lepton_core.drift.sketch import MOST_REASONS
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.table import Categories, Numbers, Table

LEVELS = tuple("abcdefgh")


def table(rng: np.random.Generator, rows: int) -> Table:
    values = rng.normal(size=rows)
    values[rng.random(rows) < 0.1] = np.nan
    return Table(
        (
            Numbers("n", values),
            Categories("c", rng.integers(-1, len(LEVELS) + 1, rows).astype(np.int32), LEVELS),
            Numbers("k", rng.integers(0, 3, rows).astype(np.float64)),
        )
    )


def probabilities(rng: np.random.Generator, rows: int) -> np.ndarray:
    return rng.dirichlet([1, 1, 1], rows)


RNG = np.random.default_rng(0)
REFERENCE = profile(table(RNG, 400), probabilities(RNG, 400), ["x", "y", "z"])
VALUES = profile(table(RNG, 400), RNG.normal(size=400))


@st.composite
def sketches(draw: st.DrawFn) -> Sketch:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    counter = Counter(REFERENCE)
    for rows in draw(st.lists(st.integers(0, 40), max_size=4)):
        explained = draw(st.booleans())
        counter.observe(
            table(rng, rows), probabilities(rng, rows), float(rng.lognormal()), explained=explained
        )
    for why in draw(st.lists(st.sampled_from(["", "invalid_data", "damaged", "internal"]), max_size=3)):
        counter.error(float(rng.lognormal()), why=why, failed=why == "internal", alike=why == "invalid_data")
    return counter.snapshot()


class TestMerge:
    @settings(deadline=None, max_examples=40)
    @given(sketches(), sketches(), sketches())
    def test_is_associative_commutative_and_has_a_neutral_element(
        self, a: Sketch, b: Sketch, c: Sketch
    ) -> None:
        assert merge(a, b).as_dict() == merge(b, a).as_dict()
        assert merge(merge(a, b), c).as_dict() == merge(a, merge(b, c)).as_dict()
        assert merge(a, empty_sketch(REFERENCE)).as_dict() == a.as_dict()

    @settings(deadline=None, max_examples=30)
    @given(st.integers(0, 2**32), st.lists(st.integers(1, 30), min_size=1, max_size=5))
    def test_counting_apart_is_counting_together(self, seed: int, sizes: list[int]) -> None:
        rng = np.random.default_rng(seed)
        together, apart = Counter(REFERENCE), empty_sketch(REFERENCE)
        for rows in sizes:
            features, predicted = table(rng, rows), probabilities(rng, rows)
            together.observe(features, predicted, 2.0)
            apart = observe(REFERENCE, apart, features, predicted, 2.0)
        assert together.snapshot().as_dict() == apart.as_dict()

    def test_the_time_of_a_call_is_counted_apart_once_for_one_reason(self) -> None:
        counter = Counter(REFERENCE)
        for unread, explained in ((0, False), (0, True), (9, True)):
            counter.observe(table(RNG, 9), probabilities(RNG, 9), 2.0, unread, explained=explained)
        found = counter.snapshot()
        assert (found.latency.sum(), found.explained.sum(), found.unanswered.sum()) == (3, 1, 1)
        assert (found.rows, found.explained_rows) == (27, 9)

    def test_other_profiles_do_not_add_up(self) -> None:
        with pytest.raises(ValueError, match="cannot be added"):
            merge(empty_sketch(REFERENCE), empty_sketch(VALUES))
        with pytest.raises(ValueError, match="cannot be added"):
            merge(
                empty_sketch(REFERENCE), empty_sketch(profile(Table(()), np.zeros((0, 3)), ["x", "y", "z"]))
            )


class TestCounter:
    @pytest.mark.parametrize("reference", [REFERENCE, VALUES])
    def test_row_by_row_is_all_at_once(self, reference: Any) -> None:
        rng = np.random.default_rng(4)
        features = table(rng, 300)
        predicted = (
            probabilities(rng, 300) if reference is REFERENCE else np.append(rng.normal(size=299), np.nan)
        )
        whole, single, few = Counter(reference), Counter(reference), Counter(reference)
        whole.observe(features, predicted, 1.0)
        for row in range(300):
            single.observe(features.take(np.array([row])), predicted[row : row + 1], 1.0)
        for row in range(0, 300, 10):
            few.observe(features.take(np.arange(row, row + 10)), predicted[row : row + 10], 1.0)
        for other in (single, few):
            seen, same = whole.snapshot().as_dict(), other.snapshot().as_dict()
            assert seen["counts"] == same["counts"]
            assert seen["prediction"] == same["prediction"]
            assert seen["rows"] == same["rows"] == 300
        assert (single.snapshot().requests, few.snapshot().requests) == (300, 30)

    def test_counts_of_the_training_rows_are_the_reference(self) -> None:
        rng = np.random.default_rng(5)
        features = Table((Numbers("n", rng.normal(size=300)), Categories.of("c", ["a", "b", "c"] * 100)))
        predicted = probabilities(rng, 300)
        reference = profile(features, predicted, ["x", "y", "z"])
        counter = Counter(reference)
        counter.observe(features, predicted, 1.0)
        seen = counter.snapshot()
        assert [tuple(seen.counts[bins.name]) for bins in reference.features] == [
            bins.counts for bins in reference.features
        ]
        assert tuple(seen.prediction) == reference.prediction.counts

    def test_columns_are_found_by_name(self) -> None:
        features = table(np.random.default_rng(6), 5)
        predicted = probabilities(np.random.default_rng(6), 5)
        one, other = Counter(REFERENCE), Counter(REFERENCE)
        one.observe(features, predicted, 1.0)
        other.observe(features, predicted, 1.0)
        turned = Table((*features.columns[::-1], Numbers("extra", np.zeros(5))))
        one.observe(features, predicted, 1.0)
        other.observe(turned, predicted, 1.0)
        assert one.snapshot().as_dict() == other.snapshot().as_dict()

    def test_levels_may_change_from_table_to_table(self) -> None:
        reference = profile(Table((Categories.of("c", ["a", "b"] * 20),)), np.zeros(40))
        counter = Counter(reference)
        for text in ("a", "b", "b", "z"):
            counter.observe(Table((Categories.of("c", [text]),)), np.zeros(1), 1.0)
        assert counter.snapshot().counts["c"].tolist() == [1, 2, 1, 0]

    @pytest.mark.parametrize("rows", [1, 40])
    def test_what_does_not_fit_is_refused_and_nothing_is_counted(self, rows: int) -> None:
        features, predicted = table(RNG, rows), probabilities(RNG, rows)
        counter = Counter(REFERENCE)
        with pytest.raises(InvalidData, match="column 'k'"):
            counter.observe(features.without("k"), predicted, 1.0)
        wrong = Table((*features.without("k").columns, Categories.of("k", ["a"] * rows)))
        with pytest.raises(InvalidData, match="column 'k'"):
            counter.observe(wrong, predicted, 1.0)
        wrong = Table((*features.without("c").columns, Numbers("c", np.zeros(rows))))
        with pytest.raises(InvalidData, match="column 'c'"):
            counter.observe(wrong, predicted, 1.0)
        assert counter.snapshot().as_dict() == empty_sketch(REFERENCE).as_dict()

    def test_a_snapshot_does_not_change(self) -> None:
        counter = Counter(REFERENCE)
        before = counter.snapshot()
        counter.error(3.0)
        assert (before.requests, before.errors, before.latency.sum()) == (0, 0, 0)
        after = counter.snapshot()
        assert (after.requests, after.errors, after.rows, after.latency.sum()) == (1, 1, 0, 1)

    def test_unreadable_rows_are_errors_and_many_of_them_refuse_a_request(self) -> None:
        features, predicted = table(RNG, 9), probabilities(RNG, 9)
        counter = Counter(REFERENCE)
        counter.observe(features, predicted, 1.0, unread=1)
        assert (seen := counter.snapshot()).errors == 1 and seen.refused == 0
        counter.observe(features, predicted, 1.0, unread=2)
        counter.error(1.0, rows=7)
        seen = counter.snapshot()
        assert (seen.requests, seen.rows, seen.errors, seen.refused) == (3, 18, 10, 2)

    def test_refused_requests_are_counted_by_reason_and_those_that_failed(self) -> None:
        counter = Counter(REFERENCE)
        counter.error(1.0, why="too_large")
        counter.error(1.0, why="internal", failed=True)
        counter.error(1.0, rows=3, why="too_large")
        counter.observe(table(RNG, 1), probabilities(RNG, 1), 1.0, unread=5)
        seen = counter.snapshot()
        assert (seen.refused, seen.failed) == (4, 1)
        assert seen.reasons == {"too_large": 2, "internal": 1, "invalid_data": 1}
        assert seen.as_dict()["format"] == 3

    def test_reasons_beyond_the_most_are_one(self) -> None:
        counter = Counter(REFERENCE)
        for at in range(MOST_REASONS + 5):
            counter.error(1.0, why=f"code_{at}")
        reasons = counter.snapshot().reasons
        assert (len(reasons), reasons["other"], sum(reasons.values())) == (MOST_REASONS, 6, MOST_REASONS + 5)


class TestJson:
    @settings(deadline=None, max_examples=30)
    @given(sketches())
    def test_gives_back_exactly_the_same(self, sketch: Sketch) -> None:
        again = Sketch.from_dict(json.loads(json.dumps(sketch.as_dict())))
        assert again.as_dict() == sketch.as_dict()
        again.check(REFERENCE)

    @pytest.mark.slow
    def test_thirty_features_and_a_billion_rows_stay_under_20_kb(self) -> None:
        rng = np.random.default_rng(0)
        texts = [f"{i}" for i in rng.zipf(1.3, 3000)]
        features = Table(
            (
                *(Numbers(f"a feature of a long name, number {i}", rng.normal(size=3000)) for i in range(20)),
                *(Categories.of(f"c{i}", texts) for i in range(10)),
            )
        )
        predicted = rng.dirichlet(np.ones(10), 3000)
        reference = profile(features, predicted, [str(i) for i in range(10)])
        counter = Counter(reference)
        for latency in np.geomspace(0.1, 10_000, 80):
            counter.observe(features, predicted, float(latency))
        sketch = counter.snapshot()
        for _ in range(12):
            sketch = merge(sketch, sketch)
        assert sketch.rows > 900_000_000
        assert len(json.dumps(sketch.as_dict())) < 20_000

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ((), None),
            ((), 7),
            (("requests",), -1),
            (("requests",), "1"),
            (("rows",), 1.0),
            (("errors",), True),
            (("refused",), -1),
            (("failed",), -1),
            (("reasons",), []),
            (("reasons",), {"internal": -1}),
            (("counts",), []),
            (("counts", "n"), {}),
            (("counts", "n", 0), -1),
            (("counts", "n", 0), 2**63),
            (("prediction",), None),
            (("prediction", 0), None),
            (("latency",), []),
            (("latency",), [0] * 1000),
        ],
    )
    def test_what_is_wrong_is_refused(self, path: tuple[str | int, ...], value: Any) -> None:
        data: Any = empty_sketch(REFERENCE).as_dict()
        if path:
            inner = data
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
        else:
            data = value
        with pytest.raises(InvalidArtifact):
            Sketch.from_dict(data)

    @pytest.mark.parametrize("key", ["requests", "rows", "errors", "counts", "prediction", "latency"])
    def test_what_is_missing_is_named(self, key: str) -> None:
        data = empty_sketch(REFERENCE).as_dict()
        del data[key]
        with pytest.raises(InvalidArtifact, match=f"{key}: missing") as refusal:
            Sketch.from_dict(data)
        assert refusal.value.field == key

    def test_where_nothing_is_said_each_error_was_a_refused_request(self) -> None:
        counter = Counter(REFERENCE)
        counter.error(1.0)
        counter.observe(table(RNG, 3), probabilities(RNG, 3), 1.0)
        data = counter.snapshot().as_dict()
        assert not {"refused", "format"} & data.keys()
        assert Sketch.from_dict(data).refused == 1
        assert Sketch.from_dict({**data, "errors": 9}).refused == 2

    def test_a_sketch_of_another_profile_is_found_out(self) -> None:
        empty_sketch(REFERENCE).check(REFERENCE)
        with pytest.raises(InvalidArtifact, match="counts"):
            empty_sketch(REFERENCE).check(VALUES)
        with pytest.raises(InvalidArtifact, match="features"):
            empty_sketch(REFERENCE).check(profile(Table(()), np.zeros(3)))
