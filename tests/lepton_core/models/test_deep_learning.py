"""Deep learning: beside scikit-learn's networks, and what is its own: layers, units of targets, warm starts."""

import json
import warnings
from dataclasses import asdict, replace
from functools import partial

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from lepton_core.errors import Diverged, InvalidArtifact, InvalidData, InvalidInput
from lepton_core.models import Problem, algorithm, network
from lepton_core.models.network import NetworkHyper, layers_of, not_biases, parameters, plan, unflatten
from tests.support.algorithms import carried, never, same

pytestmark = pytest.mark.slow

CONTRACT = {"settings": {"batch_size": 1000, "learning_rate": 0.02}}

OF = algorithm("deep_learning")


def trained(problem: Problem, warm=None, **given):
    hyper = OF.configure(given)
    return OF.advance(OF.start(problem, hyper, warm), problem, hyper, never)


def example(n_classes: int, rows: int = 90, seed: int = 0, **more) -> Problem:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4))
    bent = X[:, 0] * X[:, 1] + X[:, 2] + 0.1 * rng.normal(size=rows)
    if n_classes:
        cuts = np.quantile(bent, np.linspace(0, 1, n_classes + 1)[1:-1])
        return Problem(X, np.searchsorted(cuts, bent).astype(np.int64), n_classes, **more)
    return Problem(X, bent, 0, **more)


def folds(load, n_classes: int, splits: int):
    X, y = load(return_X_y=True)
    y = y.astype(np.int64 if n_classes else np.float64)
    for fit, held in KFold(splits, shuffle=True, random_state=0).split(X):
        scaled = StandardScaler().fit(X[fit])
        yield Problem(scaled.transform(X[fit]), y[fit], n_classes), scaled.transform(X[held]), y[held]


@pytest.mark.sampled(1)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("load", "n_classes", "splits", "epochs"),
    [(load_breast_cancer, 2, 5, 200), (load_wine, 3, 4, 200), (load_digits, 10, 2, 60)],
)
def test_it_is_as_accurate_as_scikit_learns_network(load, n_classes, splits, epochs):
    ours, theirs = [], []
    for problem, X, y in folds(load, n_classes, splits):
        of = MLPClassifier(random_state=0, max_iter=epochs).fit(problem.X, problem.y)
        theirs.append(of.score(X, y))
        fit = trained(problem, iterations=epochs)
        ours.append((OF.predict(OF.parameters(fit), X).argmax(axis=1) == y).mean())
    assert np.mean(ours) >= np.mean(theirs) - 0.01


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_its_values_are_as_near_as_those_of_scikit_learns_network():
    ours, theirs = [], []
    for problem, X, y in folds(load_diabetes, 0, 3):
        network = MLPRegressor(random_state=0)
        of = TransformedTargetRegressor(network, transformer=StandardScaler()).fit(problem.X, problem.y)
        theirs.append(np.mean((of.predict(X) - y) ** 2))
        ours.append(np.mean((OF.predict(OF.parameters(trained(problem)), X) - y) ** 2))
    assert np.sqrt(np.mean(ours)) <= 1.02 * np.sqrt(np.mean(theirs))


@pytest.mark.parametrize(("optimizer", "rtol"), [("gradient_descent", 1e-10), ("adam", 1e-3)])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_from_the_same_weights_it_takes_the_same_way_as_scikit_learn(optimizer, rtol, activation, n_classes):
    # Adam's epsilon stands beside the corrected root here, as published, and beside the plain one there.
    problem, l2 = example(n_classes), 1e-3
    given = {"hidden": [8, 5], "activation": activation, "l2": l2, "batch_size": 90, "learning_rate": 0.05}
    fit = trained(problem, optimizer=optimizer, iterations=30, **given)
    start = OF.start(problem, OF.configure(given)).arrays["weights"]
    of = MLPClassifier(
        (8, 5),
        activation=activation,
        solver="adam" if optimizer == "adam" else "sgd",
        alpha=l2 * 90,
        batch_size=90,
        learning_rate_init=0.05,
        momentum=0.0,
        shuffle=False,
        max_iter=1,
        warm_start=True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        of.fit(problem.X, problem.y)
        views = unflatten(start.copy(), layers_of(4, (8, 5), n_classes))
        of.coefs_, of.intercepts_ = [one for one, _ in views], [two for _, two in views]
        del of._optimizer
        of.max_iter, of.n_iter_no_change, of.loss_curve_ = 30, 100, []
        of.n_iter_, of.t_, of.best_loss_, of._no_improvement_count = 0, 0, np.inf, 0
        of.fit(problem.X, problem.y)
    np.testing.assert_allclose(fit.losses, of.loss_curve_[-30:], rtol=rtol)
    np.testing.assert_allclose(
        OF.predict(OF.parameters(fit), problem.X), of.predict_proba(problem.X), atol=100 * rtol
    )


def test_without_hidden_layers_it_is_a_linear_model():
    problem = example(3)
    fit = trained(problem, hidden=[], optimizer="lbfgs", l2=0.1, iterations=300)
    of = LogisticRegression(C=1 / (0.1 * 90), tol=1e-10, max_iter=1000).fit(problem.X, problem.y)
    np.testing.assert_allclose(
        OF.predict(OF.parameters(fit), problem.X), of.predict_proba(problem.X), atol=1e-6
    )


@pytest.mark.parametrize("activation", network.ACTIVATIONS)
def test_it_learns_what_no_line_divides(activation):
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(400, 2))
    problem = Problem(X, (X[:, 0] * X[:, 1] > 0).astype(np.int64), 2)
    fit = trained(problem, activation=activation, learning_rate=0.02)
    assert (OF.predict(OF.parameters(fit), X).argmax(axis=1) == problem.y).mean() > 0.95


OPTIMIZERS = ["adam", "adamw", "gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "lbfgs"]
VARIANTS = [{"optimizer": name} for name in OPTIMIZERS] + [
    {"dropout": 0.3},
    {"dropout": 0.3, "batch_size": 500},
    {"precision": "float32", "dropout": 0.1},
    {"batch_size": 500},
    {"batch_size": 1},
    {"hidden": []},
    {"hidden": [5, 4, 3], "activation": "gelu"},
    {"schedule": "cosine", "clip": 0.1, "weight_decay": 0.1, "l2": 0.01, "optimizer": "nesterov"},
]


@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize("given", VARIANTS, ids=str)
def test_every_way_to_train_learns_and_resumes_to_the_last_bit(n_classes, given):
    weights = np.random.default_rng(1).uniform(0.1, 2.0, 90)
    weights[:7] = 0.0
    problem = example(n_classes, weights=weights, seed=5)
    hyper = OF.configure({"iterations": 6, "hidden": [9]} | given)
    start = OF.start(problem, hyper)
    whole, fit = OF.advance(start, problem, hyper, never), carried(start)
    while not fit.finished:
        fit = carried(OF.advance(fit, problem, hyper, lambda fit: fit.iteration % 2 == 0))
    same(fit, whole)
    assert whole.iteration == len(whole.losses) == 6
    if not given.get("dropout"):
        assert whole.losses[-1] < whole.losses[0]


@pytest.mark.parametrize("n_classes", [0, 2])
def test_rows_of_weight_0_take_no_place_in_a_batch(n_classes):
    problem = example(n_classes, weights=np.tile([1.0, 0.0, 2.0], 30))
    kept = problem.weights > 0
    without = replace(problem, X=problem.X[kept], y=problem.y[kept], weights=problem.weights[kept])
    same(trained(problem, iterations=3, batch_size=7), trained(without, iterations=3, batch_size=7))


@pytest.mark.parametrize(("factor", "offset"), [(1e-12, 0.0), (1e9, 1e12), (1.0, -1e6), (1e200, 0.0)])
def test_the_unit_of_the_targets_does_not_matter(factor, offset):
    problem = example(0)
    other = replace(problem, y=factor * problem.y + offset)
    plain, moved = (OF.predict(OF.parameters(trained(of, iterations=20)), of.X) for of in (problem, other))
    np.testing.assert_allclose((moved - offset) / factor, plain, atol=1e-3 * np.ptp(plain))


def test_targets_all_alike_are_learned():
    for value in (0.0, 5.0, -1e30):
        problem = replace(example(0), y=np.full(90, value))
        predicted = OF.predict(OF.parameters(trained(problem)), problem.X)
        np.testing.assert_allclose(predicted, value, atol=0.1 * max(1.0, abs(value)))


def test_targets_near_the_end_of_the_numbers_are_refused():
    with pytest.raises(InvalidData, match="targets are too large"):
        trained(replace(example(0), y=np.tile([-1.7e308, 1.7e308], 45)))


@pytest.mark.parametrize(("size", "precision"), [(1e160, "float64"), (1e25, "float32")])
def test_features_that_cannot_be_squared_are_refused(size, precision):
    problem = example(2)
    with pytest.raises(InvalidData, match="features are too large"):
        trained(replace(problem, X=problem.X * size), precision=precision)


@pytest.mark.parametrize("given", [{}, {"optimizer": "gradient_descent"}, {"precision": "float32"}], ids=str)
def test_a_rate_far_too_large_diverges_and_says_so(given):
    with pytest.raises(Diverged, match=r"diverged.*smaller") as caught:
        trained(example(0), learning_rate=1e6, iterations=20, **given)
    assert caught.value.field == "learning_rate"


@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_a_warm_start_begins_at_the_earlier_weights(n_classes):
    problem = example(n_classes)
    earlier = OF.parameters(trained(problem, hidden=[6, 4], iterations=30))
    fit = OF.start(problem, OF.configure({"hidden": [6, 4]}), earlier)
    for name, array in OF.parameters(fit).items():
        np.testing.assert_array_equal(array, earlier[name])
    for given in ({"hidden": [6, 5]}, {"hidden": [6]}, {"hidden": [6, 4], "activation": "tanh"}):
        with pytest.raises(InvalidInput, match="earlier version") as caught:
            OF.start(problem, OF.configure(given), earlier)
        assert caught.value.field == "warm_start"


def test_a_warm_start_says_the_same_in_the_units_of_new_targets():
    problem = example(0)
    earlier = OF.parameters(trained(problem, iterations=30))
    fit = OF.start(replace(problem, y=1000.0 * problem.y - 7.0), OF.configure({}), earlier)
    assert OF.parameters(fit)["scale"] != earlier["scale"]
    np.testing.assert_allclose(
        OF.predict(OF.parameters(fit), problem.X), OF.predict(earlier, problem.X), rtol=1e-9, atol=1e-9
    )


def test_weight_decay_takes_its_share_of_the_weights_but_not_of_the_biases():
    problem, given = example(2), {"iterations": 1, "batch_size": 90, "hidden": [5]}
    before = OF.start(problem, OF.configure(given)).arrays["weights"]
    plain, decayed = (
        trained(problem, weight_decay=decay, l2=0.0, **given).arrays["weights"] for decay in (0, 0.5)
    )
    lost = 0.001 * 0.5 * before * not_biases((4, 5, 1))
    np.testing.assert_allclose(plain - decayed, lost, atol=1e-15)


def test_l2_shrinks_the_weights():
    small, large = (
        OF.parameters(trained(example(2), l2=l2, optimizer="lbfgs"))["weight_0"] for l2 in (1e-4, 0.1)
    )
    assert np.abs(large).sum() < np.abs(small).sum() / 2


def test_hidden_layers_are_given_as_a_list_and_kept_as_a_tuple():
    made = OF.configure({"hidden": [64, 32], "dropout": 0})
    assert made.hidden == (64, 32)
    assert OF.configure(asdict(made)) == made
    assert OF.configure(json.loads(json.dumps(asdict(made)))) == made
    assert OF.configure({}).hidden == (100,)


@pytest.mark.parametrize(
    "field", ["learning_rate", "batch_size", "clip", "weight_decay", "schedule", "dropout", "precision"]
)
def test_what_lbfgs_cannot_use_is_refused(field):
    value = {"schedule": "cosine", "precision": "float32", "batch_size": 8}.get(field, 0.1)
    with pytest.raises(InvalidInput, match="does not go with optimizer='lbfgs'") as caught:
        OF.configure({"optimizer": "lbfgs", field: value})
    assert caught.value.field == field


def test_what_is_left_out_is_decided():
    assert [plan(NetworkHyper(), rows).batch_size for rows in (20, 100, 1000, 10**6)] == [None, 32, 50, 200]
    assert plan(NetworkHyper(dropout=0.5), 20).batch_size == 20
    assert plan(NetworkHyper(optimizer="lbfgs"), 1000).batch_size is None
    assert plan(NetworkHyper(iterations=5), 100).tolerance == 0.0
    assert (plan(NetworkHyper(), 100).l2, plan(NetworkHyper(weight_decay=0.1), 100).l2) == (0.01, 0.0)
    assert plan(NetworkHyper(optimizer="adamw"), 100).weight_decay == 0.01
    fit = trained(example(2), iterations=1)
    assert fit.note.startswith("adam: batches of 32 of ")
    assert trained(example(2), tolerance=0.5, patience=2).note.endswith("early stopping after 3 iterations")


def good(n_classes: int = 0) -> dict[str, np.ndarray]:
    return OF.parameters(trained(example(n_classes), hidden=[3, 2], iterations=1))


@pytest.mark.parametrize(
    "changes",
    [
        {"activation": np.array([3])},
        {"activation": np.array([-1])},
        {"activation": np.array([0], dtype=np.int32)},
        {"scale": np.zeros(1)},
        {"scale": np.array([-1.0])},
        {"center": np.zeros(2)},
        {"weight_0": np.zeros((4, 7))},
        {"weight_1": np.zeros((2, 3))},
        {"weight_2": np.zeros((2, 2)), "bias_2": np.zeros(2)},
        {"weight_3": np.zeros((2, 1)), "bias_3": np.zeros(1)},
        {"weight_3": np.zeros((1, 1))},
        {"weight_9": np.zeros((1, 1)), "bias_9": np.zeros(1)},
        {"weight_0": np.zeros(())},
        {"weight_0": np.zeros(12)},
        {"bias_1": np.full(2, np.nan)},
    ],
    ids=lambda changes: " ".join(f"{name}{array.tolist()}" for name, array in changes.items()),
)
def test_parameters_that_do_not_fit_together_are_refused(changes):
    fine = good()
    OF.check(fine, 4, 0)
    with pytest.raises(InvalidArtifact):
        OF.check(fine | changes, 4, 0)


def test_units_of_targets_belong_to_values_only():
    fine = good(2)
    OF.check(fine, 4, 2)
    with pytest.raises(InvalidArtifact):
        OF.check(fine | {"center": np.zeros(1), "scale": np.ones(1)}, 4, 2)


@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_rows_are_predicted_in_chunks(n_classes, monkeypatch):
    problem, of = example(n_classes), good(n_classes)
    whole = OF.predict(of, problem.X)
    monkeypatch.setattr(parameters, "_CHUNK_NUMBERS", 21)
    np.testing.assert_allclose(OF.predict(of, problem.X), whole, rtol=1e-12)
    X = problem.X.copy()
    X[50] = 1.7e308
    steep = {name: np.full_like(array, 1e3) for name, array in of.items() if name.startswith("weight")}
    with pytest.raises(InvalidData, match=r"row 51.*too large"):
        OF.predict(of | steep, X)


def test_it_explains_that_it_cannot_explain():
    problem = example(2)
    with pytest.raises(InvalidInput, match="permutation importance") as caught:
        OF.explain(good(2), problem.X, problem.X)
    assert caught.value.field == "explain"


def test_a_checkpoint_of_another_network_is_refused():
    problem = example(2)
    paused = partial(OF.advance, problem=problem, pause=lambda fit: True)
    hyper = OF.configure({"hidden": [6], "iterations": 3})
    fit = paused(OF.start(problem, hyper), hyper=hyper)
    for given in ({"hidden": [7]}, {"hidden": [3, 2]}, {"activation": "tanh"}, {"optimizer": "momentum"}):
        with pytest.raises(InvalidArtifact, match="other hyperparameters"):
            paused(fit, hyper=OF.configure({"hidden": [6], "iterations": 3} | given))
