"""A version as bytes: the same predictions to the last bit, or `InvalidArtifact` and nothing else."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.artifact import read_container, write_container
from lepton_core.drift import Counter
from lepton_core.errors import InvalidArtifact, LeptonError
from lepton_core.predict import Predictor
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train
from tests.support.sampling import examples

KINDS = ["binary", "three", "regression"]


def table(kind: str, *, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=30)
    a[3] = np.nan
    k = Categories.of("k", [str(level) for level in rng.choice(["u", "v"], size=30)])
    features = (Numbers("a", a), Numbers("b", rng.normal(size=30) * 1e3), k)
    if kind == "regression":
        return Table((*features, Numbers("y", rng.normal(size=30))))
    classes = ["no", "yes"] if kind == "binary" else ["x", "y", "z"]
    return Table((*features, Categories.of("y", [classes[i % len(classes)] for i in range(30)])))


def trained(kind: str) -> Predictor:
    algorithm = "linear_regression" if kind == "regression" else "logistic_regression"
    return train(Recipe(algorithm, "y", {"iterations": 5}), table(kind), np.arange(30))


MADE = {kind: trained(kind) for kind in KINDS}
DUMPED = {kind: predictor.dump() for kind, predictor in MADE.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_dump_and_load_lose_no_bit(kind: str) -> None:
    made, loaded = MADE[kind], Predictor.load(DUMPED[kind])
    assert loaded.dump() == DUMPED[kind]
    for name in ("algorithm", "task", "label", "classes", "preprocessor", "reference", "schema"):
        assert getattr(loaded, name) == getattr(made, name)
    rows = table(kind, seed=9).without("y")
    assert loaded.predict(rows).tobytes() == made.predict(rows).tobytes()
    assert loaded.predict(rows).shape == ((30,) if kind == "regression" else (30, len(made.classes)))


@pytest.mark.parametrize("kind", KINDS)
def test_equal_training_gives_equal_bytes(kind: str) -> None:
    assert trained(kind).dump() == DUMPED[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_version_cannot_be_written_to(kind: str) -> None:
    assert not any(array.flags.writeable for array in Predictor.load(DUMPED[kind]).parameters.values())


def usable_or_refused(data: bytes) -> None:
    """Whatever loads serves: it predicts and counts rows of its own schema, or says what is wrong with them."""
    try:
        loaded = Predictor.load(data)
    except InvalidArtifact as error:
        assert len(error.message) < 1000
        return
    row = Table(
        tuple(
            Numbers(column.name, np.array([0.5, -2.0]))
            if column.kind == "number"
            else Categories(column.name, np.array([-1, 0], dtype=np.int32), column.levels)
            for column in loaded.schema.columns
        )
    )
    try:
        with np.errstate(all="ignore"):
            output = loaded.predict(row)
    except LeptonError:
        return
    Counter(loaded.reference).observe(row, output, 1.0)
    if loaded.task == "classification":
        assert output.shape == (2, len(loaded.classes))
        assert np.allclose(output.sum(axis=1), 1.0)
    else:
        assert output.shape == (2,)


JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 2, 10**15, 10**400, 0.5, -1e308, 1e-320]),
    st.sampled_from(["", "yes", "a", "k", "number", "category", "regression", "linear_regression", "\n"]),
    st.sampled_from([[], {}, [[]], [None], ["a"], [1, 2], {"a": 1}, ["yes", "yes"]]),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value inside of a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in inside for found in ((*path, key), *places(inner, (*path, key)))]


@pytest.mark.slow
@settings(max_examples=examples(400))
@given(st.sampled_from(KINDS), st.data())
def test_a_tampered_header_is_refused_or_harmless(kind: str, data: st.DataObject) -> None:
    arrays, meta = read_container(DUMPED[kind])
    meta = copy.deepcopy(meta)
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(places(meta)))
        inner: Any = meta
        for key in path[:-1]:
            inner = inner[key]
        match data.draw(st.sampled_from(["replace", "drop", "double", "swap"])):
            case "drop":
                del inner[path[-1]]
            case "double" if isinstance(inner, list):
                inner.append(inner[path[-1]])
            case "swap" if isinstance(inner, list):
                inner.reverse()
            case _:
                inner[path[-1]] = data.draw(JUNK)
    usable_or_refused(write_container(arrays, meta))


@pytest.mark.slow
@settings(max_examples=examples(200))
@given(st.sampled_from(KINDS), st.data())
def test_tampered_bytes_are_refused_or_harmless(kind: str, data: st.DataObject) -> None:
    raw = bytearray(DUMPED[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    usable_or_refused(bytes(raw[: data.draw(st.sampled_from([len(raw), len(raw) // 2, len(raw) - 1]))]))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidArtifact):
        Predictor.load(data)


def changed(kind: str, **changes: Any) -> bytes:
    arrays, meta = read_container(DUMPED[kind])
    return write_container(arrays, {**meta, **changes})


@pytest.mark.parametrize("key", sorted(read_container(DUMPED["binary"])[1]))
@pytest.mark.parametrize("value", [None, 7, "text", [], {}, [1], ["a"]])
def test_each_part_of_the_header_is_checked(key: str, value: Any) -> None:
    if (key, value) in (("label", "text"), ("weight", "text"), ("weight", None)):
        return
    with pytest.raises(InvalidArtifact):
        Predictor.load(changed("binary", **{key: value}))
    arrays, meta = read_container(DUMPED["binary"])
    del meta[key]
    with pytest.raises(InvalidArtifact):
        Predictor.load(write_container(arrays, meta))


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "regression"},
        {"algorithm": "linear_regression"},
        {"algorithm": "linear_regression", "task": "regression"},
        {"algorithm": "linear_regression", "task": "regression", "classes": []},
        {"algorithm": "magic"},
        {"classes": "no"},
        {"classes": ["yes", "yes"]},
        {"classes": ["no"]},
        {"classes": ["no", "yes", "more"]},
        {"classes": ["yes", "no"]},
        {"format": 2},
        {"preprocessor": MADE["binary"].preprocessor.unfitted().as_dict()},
        {"preprocessor": {**MADE["binary"].preprocessor.as_dict(), "steps": []}},
        {"reference": MADE["three"].reference.as_dict()},
        {"reference": MADE["regression"].reference.as_dict()},
    ],
)
def test_parts_that_do_not_go_together_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArtifact):
        Predictor.load(changed("binary", **changes))


def test_a_reference_with_a_feature_that_no_row_brings_is_refused() -> None:
    """Else the version would load, and each of its predictions fail when it is counted."""
    reference = MADE["binary"].reference.as_dict()
    for name, kind in (("nowhere", None), ("b", "category"), ("k", "number")):
        features = copy.deepcopy(reference["features"])
        if kind is None:
            features[0]["name"] = name
        else:
            kinds: dict[str, dict[str, Any]] = {
                "number": {"edges": []},
                "category": {"levels": [], "grouped": [], "groups": 0},
            }
            other = kinds[kind]
            at = next(i for i, one in enumerate(features) if one["name"] == name)
            features[at] = {"name": name, "kind": kind, "counts": [0, 0], **other}
        with pytest.raises(InvalidArtifact) as caught:
            Predictor.load(changed("binary", reference={**reference, "features": features}))
        assert caught.value.field == f"reference.{name}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["weights", "intercept"])
def test_parameters_that_are_not_finite_are_refused(kind: str, value: float, name: str) -> None:
    arrays, meta = read_container(DUMPED[kind])
    wrong = arrays[name].copy()
    wrong.flat[-1] = value
    with pytest.raises(InvalidArtifact, match="not finite"):
        Predictor.load(write_container({**arrays, name: wrong}, meta))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_of_another_shape_type_or_name_are_refused(kind: str) -> None:
    arrays, meta = read_container(DUMPED[kind])
    weights = arrays["weights"]
    for wrong in (
        {**arrays, "weights": weights[..., :-1]},
        {**arrays, "weights": weights[None]},
        {**arrays, "weights": weights.astype(np.float32)},
        {**arrays, "weights": np.zeros((1000, *weights.shape))},
        {**arrays, "more": weights},
        {"weights": weights},
        {},
    ):
        with pytest.raises(InvalidArtifact):
            Predictor.load(write_container(wrong, meta))


@pytest.mark.parametrize("kind", KINDS)
def test_giant_parameters_never_give_a_prediction_that_is_no_number(kind: str) -> None:
    arrays, meta = read_container(DUMPED[kind])
    giant = {name: np.full_like(array, 1e308) for name, array in arrays.items()}
    usable_or_refused(write_container(giant, meta))
    mixed = {name: array * 1e300 for name, array in arrays.items()}
    usable_or_refused(write_container(mixed, meta))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_weights_mean_the_same_only_with_the_same_inputs(kind: str) -> None:
    made = MADE[kind]
    assert made.fits(made.classes, made.preprocessor, made.algorithm)
    assert not made.fits((*made.classes, "more"), made.preprocessor, made.algorithm)
    assert not made.fits(made.classes[::-1] or ("a",), made.preprocessor, made.algorithm)
    assert not made.fits(made.classes, made.preprocessor.unfitted(), made.algorithm)
    assert not made.fits(made.classes, made.preprocessor, "another")
