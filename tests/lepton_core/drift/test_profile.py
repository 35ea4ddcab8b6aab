import json
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.drift import Profile, profile
from lepton_core.drift.statistics.psi import PSI
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.table import Categories, ColumnSchema, Numbers, Table, kind_of
from lepton_core.table.kinds import CategoryBins, NumberBins
from lepton_core.table.kinds.category import CATEGORY
from lepton_core.table.kinds.number_bins import SideBySide

finite = st.floats(allow_nan=False, allow_infinity=False)
tiny = st.integers(-20, 20).map(lambda steps: steps * 5e-324)
cells = st.lists(finite | st.integers(0, 3).map(float) | st.just(float("nan")), max_size=60)
texts = st.lists(st.none() | st.sampled_from([f"t{i}" for i in range(30)]), max_size=80)


def numbers(values: list[float] | np.ndarray) -> NumberBins:
    bins = profile(Table((Numbers("x", np.array(values, dtype=np.float64)),)), np.zeros(0)).features[0]
    assert isinstance(bins, NumberBins)
    return bins


def categories(values: list[str | None]) -> CategoryBins:
    bins = profile(Table((Categories.of("x", values),)), np.zeros(0)).features[0]
    assert isinstance(bins, CategoryBins)
    return bins


def halfway_behind(ordered: np.ndarray, place: int) -> float | None:
    """The middle between the value at ``place`` and the next greater one."""
    greater = ordered[ordered > ordered[place]]
    return float(ordered[place] / 2 + greater[0] / 2) if len(greater) else None


class TestNumbers:
    @pytest.mark.slow
    @settings(deadline=None, max_examples=150)
    @given(cells)
    def test_every_row_is_in_one_bin_and_edges_rise(self, values: list[float]) -> None:
        bins = numbers(values)
        assert sum(bins.counts) == len(values)
        assert len(bins.counts) == len(bins.edges) + 2
        assert list(bins.edges) == sorted(set(bins.edges))
        assert bins.counts[-1] == sum(map(isnan, values))
        assert len(bins.edges) <= 9

    @settings(deadline=None, max_examples=100)
    @given(cells, st.lists(st.floats(), max_size=30))
    def test_tally_is_the_definition(self, values: list[float], others: list[float]) -> None:
        bins = numbers(values)
        expected = [0] * len(bins.counts)
        for value in others:
            expected[-1 if isnan(value) else sum(edge < value for edge in bins.edges)] += 1
        column = Numbers("x", np.array(others, dtype=np.float64))
        assert bins.tally(column).tolist() == expected

    @pytest.mark.slow
    @settings(deadline=None, max_examples=100)
    @given(st.lists(cells, max_size=5), st.integers(0, 40), st.integers(0, 2**32))
    def test_columns_are_counted_together_as_each_is_alone(
        self, values: list[list[float]], rows: int, seed: int
    ) -> None:
        bins = [numbers(own) for own in values]
        drawn = np.random.default_rng(seed).choice([*sum(values, [0.0]), np.nan, np.inf, -np.inf], (5, rows))
        columns = [Numbers("x", own) for own in drawn[: len(bins)]]
        found = SideBySide(bins).tallies(columns)
        alone = [own.tally(column) for own, column in zip(bins, columns, strict=True)]
        assert [tally.tolist() for tally in found] == [tally.tolist() for tally in alone]

    def test_many_columns_of_many_rows_are_counted_some_at_a_time(self) -> None:
        drawn = np.random.default_rng(0).normal(size=(7, 50_000))
        bins = [numbers(own[: 100 + at]) for at, own in enumerate(drawn)]
        columns = [Numbers("x", own) for own in drawn]
        alone = [own.tally(column).tolist() for own, column in zip(bins, columns, strict=True)]
        assert [tally.tolist() for tally in SideBySide(bins).tallies(columns)] == alone
        with pytest.raises(InvalidData, match="column 'x'"):
            SideBySide(bins[:1]).tallies([Categories.of("x", ["a"])])

    def test_continuous_values_get_ten_even_bins(self) -> None:
        counts = numbers(np.random.default_rng(0).normal(size=5000)).counts
        assert counts == (500,) * 10 + (0,)

    def test_few_values_get_a_bin_each(self) -> None:
        assert numbers([0, 1, 1, 5, 5, 5]) == NumberBins("x", (0.5, 3.0), (1, 2, 3, 0))

    def test_a_constant_has_room_on_both_sides(self) -> None:
        bins = numbers([7.0] * 20)
        assert bins.counts == (0, 20, 0, 0)
        seen = bins.tally(Numbers("x", np.array([7.0, 7.0 + 1e-12, 6.9, 7.1])))
        assert seen.tolist() == [1, 2, 1, 0]

    def test_a_heavy_value_keeps_its_bin_under_rounding(self) -> None:
        values = np.concatenate([np.full(500, 0.3), np.random.default_rng(0).normal(size=500)])
        bins = numbers(values)
        shifted = Numbers("x", np.where(values == 0.3, 0.1 + 0.2, values))
        assert bins.tally(shifted).tolist() == list(bins.counts)

    def test_nothing_but_missing(self) -> None:
        assert numbers([np.nan, np.nan]) == NumberBins("x", (), (0, 2))

    def test_text_is_refused(self) -> None:
        with pytest.raises(InvalidData, match="column 'x'"):
            numbers([1.0]).tally(Categories.of("x", ["a"]))


class TestCategories:
    @settings(deadline=None, max_examples=150)
    @given(texts)
    def test_every_row_is_in_one_bin(self, values: list[str | None]) -> None:
        bins = categories(values)
        assert sum(bins.counts) == len(values)
        assert bins.counts[-1] == values.count(None)
        assert len(bins.counts) == bins.rare + bins.buckets + 1
        assert Profile.from_dict(Profile((bins,), bins).as_dict()).features == (bins,)

    def test_frequent_levels_have_their_own_bins(self) -> None:
        bins = categories(["b"] * 30 + ["a"] * 10 + [None])
        assert bins == CategoryBins("x", ("a", "b"), (), 0, (10, 30, 0, 1))

    def test_unseen_codes_and_foreign_names_are_rare(self) -> None:
        bins = categories(["b"] * 30 + ["a"] * 10)
        column = Categories("x", np.array([-1, 0, 1, 2], dtype=np.int32), ("b", "new"))
        assert bins.tally(column).tolist() == [0, 1, 2, 1]

    def test_identifiers_are_expected_to_go_on(self) -> None:
        bins = categories([f"id{i}" for i in range(500)])
        assert (bins.levels, bins.grouped, bins.buckets) == ((), (), 8)
        assert sum(bins.counts[:8]) == 500
        assert bins.counts[8] == 0
        new = bins.tally(Categories.of("x", [f"id{i}" for i in range(500, 1000)]))
        assert PSI.distance(bins.counts, new) < PSI.noise(0.999, 8, 500, 500)

    @pytest.mark.parametrize("same", [200, 400])
    def test_one_text_in_many_rows_where_all_were_different_is_a_drift(self, same: int) -> None:
        before = Categories.of("x", [f"id{i}" for i in range(400)])
        bins = CategoryBins.of(before)
        now: list[Any] = ["CONSTANT"] * same + [f"new{i}" for i in range(400 - same)]
        [read] = CATEGORY.from_cells([now], [ColumnSchema("x", "category", before.levels)])
        counts = bins.tally(read)
        assert PSI.distance(bins.counts, counts) > max(0.2, PSI.noise(0.999, 8, 400, 400))
        assert np.bincount(bins.places_of(read), minlength=len(counts)).tolist() == counts.tolist()
        find = bins.finder()
        assert [find(read, row) for row in range(400)] == bins.places_of(read).tolist()

    def test_a_profile_without_buckets_counts_all_rare_levels_together(self) -> None:
        made = categories([f"id{i}" for i in range(500)]).as_dict()
        del made["buckets"]
        old = kind_of(Categories.of("x", [])).read_bins({**made, "counts": [500, 0]}, "x")
        assert old.tally(Categories.of("x", ["a", "b", None])).tolist() == [2, 1]

    def test_levels_are_not_told_by_their_buckets(self) -> None:
        mails = [f"someone{i}@example.org" for i in range(100) for _ in range(4)]
        assert "@" not in json.dumps(categories(mails).as_dict())

    def test_thousands_of_levels_stay_small(self) -> None:
        rng = np.random.default_rng(0)
        codes = np.minimum(rng.zipf(1.2, 100_000) - 1, 49_999).astype(np.int32)
        column = Categories("x", codes, tuple(f"level {i:05d}" for i in range(50_000)))
        bins = profile(Table((column,)), np.zeros(0)).features[0]
        assert isinstance(bins, CategoryBins)
        assert len(bins.levels) <= 20
        assert 0 < len(bins.grouped) <= 1000
        assert len(bins.counts) <= 30
        assert sum(bins.counts) == 100_000

    def test_expected_share_of_rare_levels_is_what_new_data_brings(self) -> None:
        weights = 1 / np.arange(1, 301) ** 1.2
        weights /= weights.sum()
        levels = tuple(f"{i:03d}" for i in range(300))
        expected, found = 0.0, 0.0
        for seed in range(40):
            rng = np.random.default_rng(seed)
            old, new = (rng.choice(300, size, p=weights).astype(np.int32) for size in (400, 4000))
            bins = profile(Table((Categories("x", old, levels),)), np.zeros(0)).features[0]
            assert isinstance(bins, CategoryBins)
            expected += sum(bins.counts[bins.rare : bins.absent]) / 400
            found += bins.tally(Categories("x", new, levels))[bins.rare : bins.absent].sum() / 4000
        assert expected == pytest.approx(found, rel=0.05)

    def test_numbers_are_refused(self) -> None:
        with pytest.raises(InvalidData, match="column 'x'"):
            categories(["a"]).tally(Numbers("x", np.zeros(1)))


class TestPredictions:
    def test_classes_are_counted_by_the_most_probable(self) -> None:
        made = profile(Table(()), np.array([[0.2, 0.7, 0.1], [0.6, 0.2, 0.2]]), ["a", "b", "c"])
        assert made.prediction == CategoryBins("prediction", ("a", "b", "c"), (), 0, (1, 1, 0, 0, 0))

    def test_values_are_binned(self) -> None:
        made = profile(Table(()), np.arange(1000.0))
        assert made.prediction.counts == (100,) * 10 + (0,)

    def test_classes_without_rows(self) -> None:
        assert profile(Table(()), np.zeros((0, 2)), ["a", "b"]).prediction.counts == (0, 0, 0, 0)

    def test_the_wrong_number_of_classes(self) -> None:
        with pytest.raises(ValueError, match="2 classes"):
            profile(Table(()), np.zeros((4, 3)), ["a", "b"])


def test_features_beyond_the_limit_are_not_watched() -> None:
    table = Table(tuple(Numbers(f"x{i}", np.zeros(2)) for i in range(1005)))
    assert len(profile(table, np.zeros(2)).features) == 1000


MADE = profile(
    Table(
        (
            Numbers("n", np.random.default_rng(0).normal(size=200)),
            Categories.of("c", ["a"] * 100 + ["b"] * 60 + [f"r{i // 6}" for i in range(40)]),
        )
    ),
    np.random.default_rng(1).dirichlet([1, 1], 200),
    ["no", "yes"],
)


class TestJson:
    def test_gives_back_exactly_the_same(self) -> None:
        assert Profile.from_dict(json.loads(json.dumps(MADE.as_dict()))) == MADE

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ((), None),
            ((), []),
            (("features",), None),
            (("features",), {}),
            (("prediction",), 3),
            (("features", 0, "kind"), "other"),
            (("features", 0, "kind"), ["number"]),
            (("features", 0, "name"), 5),
            (("features", 1, "name"), "n"),
            (("features", 0, "edges"), "no"),
            (("features", 0, "edges", 0), "no"),
            (("features", 0, "edges", 0), True),
            (("features", 0, "edges", 0), 1e9),
            (("features", 0, "edges", 0), float("nan")),
            (("features", 0, "edges", 0), float("inf")),
            (("features", 0, "edges", 0), 10**400),
            (("features", 0, "counts"), []),
            (("features", 0, "counts", 0), -1),
            (("features", 0, "counts", 0), 1.5),
            (("features", 0, "counts", 0), True),
            (("features", 0, "counts", 0), 2**80),
            (("features", 1, "levels"), ["a", "a"]),
            (("features", 1, "levels", 0), "b"),
            (("features", 1, "levels", 0), "r1"),
            (("features", 1, "levels", 0), None),
            (("features", 1, "grouped"), []),
            (("features", 1, "groups"), 0),
            (("features", 1, "groups"), 10**9),
            (("features", 1, "counts"), [1]),
        ],
    )
    def test_what_is_wrong_is_refused(self, path: tuple[str | int, ...], value: Any) -> None:
        data: Any = MADE.as_dict()
        if path:
            inner = data
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
        else:
            data = value
        with pytest.raises(InvalidArtifact):
            Profile.from_dict(data)

    @pytest.mark.parametrize("key", ["name", "kind", "edges", "counts"])
    def test_what_is_missing_is_named(self, key: str) -> None:
        data = MADE.as_dict()
        del data["features"][0][key]
        with pytest.raises(InvalidArtifact, match=f"{key}: missing"):
            Profile.from_dict(data)
