"""Ten thousand damaged model files: each loads, or is refused with one error; none crashes, hangs or swells."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from lepton_core.artifact import read_container, write_container
from lepton_core.drift import Counter
from lepton_core.ensemble import Ensemble
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.load import load
from lepton_core.models import ALGORITHMS
from lepton_core.predict import Predictor
from lepton_core.servable import Servable
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train
from lepton_core.uncertain import Uncertain
from lepton_core.uncertainty.conformal import Intervals
from tests.support.algorithms import quick
from tests.support.blended import taught

pytestmark = pytest.mark.slow

FILES = 10_000
ROWS = 60
SMALL = 64 * 1024
"""What Python's own objects for a header may take beyond twice a file that is smaller than they are."""

KERNELS = [("svm", task, kernel) for task in ("classification", "regression") for kernel in ("rbf", "poly")]
TASKS = [(name, task, "") for name, of in ALGORITHMS.items() for task in sorted(of.tasks)] + KERNELS
TASKS += [("ensemble", "classification", ""), ("ensemble", "regression", "")]
TASKS += [("uncertain", "classification", "platt"), ("uncertain", "classification", "isotonic")]
TASKS += [("uncertain", "regression", "")]
TASKS += [("uncertain blend", "classification", "isotonic"), ("uncertain blend", "regression", "")]
TASKS += [("folded", "classification", ""), ("folded", "regression", "")]
EACH = -(-FILES // len(TASKS))

Damage = Callable[[np.random.Generator, bytes], bytes]


def table(task: str) -> Table:
    rng = np.random.default_rng(7)
    numbers = rng.normal(size=(ROWS, 3))
    colours = ["red", "green", "blue"]
    if task == "regression":
        label = Numbers("label", numbers @ [1.0, 2.0, 3.0])
    else:
        label = Categories.of("label", [colours[k] for k in numbers.argmax(axis=1)])
    features = [Numbers(f"x{j}", column) for j, column in enumerate(numbers.T)]
    colour = Categories.of("colour", [colours[k] for k in rng.integers(0, 3, ROWS)])
    return Table((*features, colour, label))


def sound(name: str, task: str, kernel: str) -> bytes:
    if name == "ensemble":
        members = [Predictor.load(sound(one, task, "")) for one in ("random_forest", "gradient_boosting")]
        return Ensemble.of(members, [0.25, 0.75], table(task)).dump()
    if name == "uncertain":
        model = "linear_regression" if task == "regression" else "logistic_regression"
        return uncertain(load(sound(model, task, "")), task, kernel)
    if name == "uncertain blend":
        return uncertain(load(sound("ensemble", task, "")), task, kernel)
    if name == "folded":
        model = "linear_regression" if task == "regression" else "logistic_regression"
        made = train(Recipe(model, "label", {}, task=task), table(task).without("colour"), np.arange(ROWS))
        assert made.folds
        return made.dump()
    settings = {"kernel": kernel} if kernel else quick(ALGORITHMS[name], iterations=3, trees=3)
    recipe = Recipe(name, "label", settings, task=task)
    return train(recipe, table(task), np.arange(ROWS)).dump()


def uncertain(model: Servable, task: str, method: str) -> bytes:
    """The model with quantiles of few rows, and for classes a calibrator."""
    assert isinstance(model, Predictor | Ensemble)
    made = taught(0 if task == "regression" else 3, method, ROWS)
    return Uncertain.of(model, made, table(task).without("label")).dump()


def damaged(number: int, rng: np.random.Generator, data: bytes) -> bytes:
    """Never the file itself: what a damage left as it was is damaged again."""
    result = data
    while result == data:
        result = DAMAGES[number % len(DAMAGES)](rng, data)
        number += 1
    return result


def flipped(rng: np.random.Generator, data: bytes) -> bytes:
    damaged = bytearray(data)
    for at in rng.integers(0, len(data), rng.integers(1, 9)):
        damaged[at] ^= 1 << int(rng.integers(0, 8))
    return bytes(damaged)


def cut(rng: np.random.Generator, data: bytes) -> bytes:
    return data[: int(rng.integers(0, len(data)))]


def lengthened(rng: np.random.Generator, data: bytes) -> bytes:
    at = int(rng.integers(0, len(data)))
    return data[:at] + rng.bytes(int(rng.integers(1, 65))) + data[at:]


def shaped(rng: np.random.Generator, data: bytes) -> bytes:
    arrays, meta = read_container(data)
    name = str(rng.choice(sorted(arrays)))
    array = arrays[name]
    others = [array[:-1], array[None], array.reshape(-1), array.T, array[:0], np.concatenate([array, array])]
    others += [array.astype(np.float32), array.astype(np.int64, casting="unsafe"), np.empty((0, 2**40))]
    with np.errstate(all="ignore"):
        return write_container(arrays | {name: others[int(rng.integers(len(others)))]}, meta)


def renamed(rng: np.random.Generator, data: bytes) -> bytes:
    arrays, meta = read_container(data)
    name, other = (str(one) for one in rng.choice(sorted(arrays), 2))
    kept = {key: array for key, array in arrays.items() if key != name}
    return write_container(kept if rng.random() < 0.5 else kept | {other: arrays[name]}, meta)


def pointed(rng: np.random.Generator, data: bytes) -> bytes:
    # Links of trees that leave the array, or lead back to where they begin, and values that are not numbers.
    arrays, meta = read_container(data)
    name = str(rng.choice(sorted(name for name, array in arrays.items() if array.size)))
    array = arrays[name].copy()
    for at in rng.integers(0, array.size, rng.integers(1, 4)):
        if array.dtype.kind == "f":
            with np.errstate(over="ignore"):
                array.flat[at] = rng.choice([np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, 5e-324])
        elif array.dtype.kind == "b":
            array.flat[at] = not array.flat[at]
        else:
            limits = np.iinfo(array.dtype)
            places = [0, 1, at, at - 1, at + 1, array.size, limits.max, limits.min, -1, -2]
            array.flat[at] = np.clip(rng.choice(places), limits.min, limits.max)
    return write_container(arrays | {name: array}, meta)


def retold(rng: np.random.Generator, data: bytes) -> bytes:
    # The header's own values, one at a time, become something else.
    arrays, meta = read_container(data)
    at: object = meta
    while True:
        if isinstance(at, dict) and at:
            key: object = str(rng.choice(sorted(at)))
        elif isinstance(at, list) and at:
            key = int(rng.integers(len(at)))
        else:
            return write_container(arrays, meta)
        inner = at[key]  # type: ignore[index]
        if not isinstance(inner, dict | list) or not inner or rng.random() < 0.3:
            others = [None, -1, 0, 10**30, 1e308, "", "x", [], {}, True, [[]], {"x": 1}]
            at[key] = others[int(rng.integers(len(others)))]  # type: ignore[index]
            return write_container(arrays, meta)
        at = inner


def nested(rng: np.random.Generator, data: bytes) -> bytes:
    # A file inside of the file, in a container that is sound; the file itself if there is none.
    arrays, meta = read_container(data)
    files = sorted(name for name in arrays if name == "model" or name.startswith("member."))
    if not files:
        return data
    name = str(rng.choice(files))
    inner = damaged(int(rng.integers(len(DAMAGES))), rng, arrays[name].tobytes())
    return write_container(arrays | {name: np.frombuffer(inner, np.uint8)}, meta)


DAMAGES: list[Damage] = [flipped, cut, lengthened, shaped, renamed, pointed, retold, nested]


def loaded_in(data: bytes) -> tuple[Servable | None, int]:
    """What loads, and the most bytes that the process held for it at one moment."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    try:
        loaded = load(data)
    except InvalidArtifact:
        loaded = None
    return loaded, tracemalloc.get_traced_memory()[1] - before


def survives(data: bytes, rows: Table) -> bool:
    """Whether it loads. What loads must predict and be counted, or refuse the rows, and nothing else."""
    most = 2 * len(data) + SMALL
    loaded, taken = loaded_in(data)
    if (
        taken > most
    ):  # another thread of this process may have counted; a load that takes so much takes it again
        loaded, taken = min((loaded_in(data) for _ in range(3)), key=lambda found: found[1])
    assert taken <= most, f"loading {len(data)} bytes took {taken}"
    if loaded is not None:
        try:
            with np.errstate(all="ignore"):
                predicted = loaded.predict(rows)
        except InvalidData:
            pass
        else:
            assert len(predicted) == rows.rows
            assert not np.isnan(predicted).any()
            assert surely(loaded, predicted)
            Counter(loaded.reference).observe(rows, predicted, 1.0)
    return loaded is not None


def surely(loaded: Servable, predicted: np.ndarray) -> bool:
    """Whether it says how sure it is in finite numbers, or with the likeliest class, if it says it at all."""
    conformal = None if loaded.uncertainty is None else loaded.uncertainty.conformal
    if isinstance(conformal, Intervals):
        return bool(np.isfinite(conformal.around(predicted, 0.8)).all())
    return conformal is None or bool(conformal.inside(predicted, 0.8).any(axis=1).all())


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("name", "task", "kernel"), TASKS)
def test_a_damaged_model_file_loads_or_is_refused(name: str, task: str, kernel: str) -> None:
    good, rows = sound(name, task, kernel), table(task).take(np.arange(3))
    rng = np.random.default_rng([1, *name.encode(), len(task), len(kernel)])
    outcomes = {True: 0, False: 0}
    tracemalloc.start()
    try:
        assert survives(good, rows)
        for i in range(EACH):
            outcomes[survives(damaged(i, rng, good), rows)] += 1
    finally:
        tracemalloc.stop()
    assert outcomes[False] > EACH / 4
    assert outcomes[True] > 0


def test_there_are_ten_thousand_of_them() -> None:
    assert EACH * len(TASKS) >= FILES


LARGE: dict[str, dict[str, object]] = {
    "random_forest": {},
    "gradient_boosting": {"max_leaf_nodes": 200, "min_samples_leaf": 1, "iterations": 60},
    "svm": {"kernel": "rbf"},
    "deep_learning": {"hidden": [200, 200], "iterations": 1},
}
BLEND = ("gradient_boosting", "deep_learning")


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", [*LARGE, "uncertain blend"])
def test_a_damaged_file_of_many_arrays_takes_no_more_than_twice_its_size(name: str) -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(3000, 20))
    label = Categories.of("label", [str(k) for k in (X[:, 0] + rng.normal(size=3000) > 0).astype(int)])
    many = Table((*(Numbers(f"x{j}", column) for j, column in enumerate(X.T)), label))

    def model(name: str) -> Predictor:
        return train(Recipe(name, "label", LARGE[name]), many, np.arange(3000))

    if name in LARGE:
        good = model(name).dump()
    else:
        blend = Ensemble.of([model(one) for one in BLEND], [0.25, 0.75], many)
        good = Uncertain.of(blend, taught(2, "isotonic"), many.without("label")).dump()
    assert len(good) > 4 * SMALL
    tracemalloc.start()
    try:
        assert survives(good, many.take(np.arange(3)))
        for i in range(70):
            survives(damaged(i, rng, good), many.take(np.arange(3)))
    finally:
        tracemalloc.stop()
