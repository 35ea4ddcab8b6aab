"""The strength of a classifier's penalty is that with the least loss of rows that are left out one by one."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV

from lepton_core.descent import Logistic, Softmax
from lepton_core.matrix import Blocks, Coded, Dense, Sparse, dense
from lepton_core.models import Problem, algorithm
from lepton_core.models.left_out import MARGIN, folds
from lepton_core.models.strength import leave_one_out, strength


def drawn(seed, rows=60, columns=6, classes=2, noise=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns))
    scores = np.column_stack([X[:, k % columns] for k in range(classes)])
    y = np.argmax(scores + noise * rng.gumbel(size=(rows, classes)), axis=1)
    return X, y.astype(np.float64) if classes == 2 else y


def oracle(X, y, l2, weights=None):
    """scikit-learn's minimum of the same objective."""
    total = len(X) if weights is None else weights.sum()
    learner = LogisticRegression(C=1 / (l2 * total), solver="newton-cg", tol=1e-10, max_iter=10_000)
    return learner.fit(X, y, sample_weight=weights)


def minimum(X, y, l2, weights=None):
    """Its weights in Lepton's layout, and the loss that goes with them."""
    fitted = oracle(X, y, l2, weights)
    W = np.column_stack((fitted.coef_, fitted.intercept_))
    return (Logistic(), W[0]) if len(W) == 1 else (Softmax(len(W)), W)


def exact(X, y, l2):
    """Each row's log loss under a fit of all others, with the penalty of the sum that it has among all."""
    losses = []
    for row in range(len(X)):
        rest = np.arange(len(X)) != row
        learner = oracle(X[rest], y[rest], l2 * len(X) / (len(X) - 1))
        found = dict(zip(learner.classes_, learner.predict_proba(X[[row]])[0], strict=True))
        losses.append(-np.log(found[y[row]]))
    return float(np.mean(losses))


def folded(X, y, l2):
    """The loss of each row under scikit-learn's fit without its fold, whose penalty is that of all rows."""
    full, losses = dense(X), np.empty(len(y))
    for fold in range(5):
        part = folds(X, y) == fold
        learner = LogisticRegression(C=1 / (l2 * len(y)), tol=1e-8, max_iter=10_000)
        found = learner.fit(full[~part], y[~part]).predict_proba(full[part])
        losses[part] = -np.log(found[np.arange(part.sum()), y[part].astype(int)])
    return losses


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize("c", [0.1, 1.0, 10.0])
def test_it_is_the_loss_of_rows_that_are_left_out_one_by_one(classes, c):
    X, y = drawn(classes, classes=classes)
    l2 = c / len(X)
    loss, W = minimum(X, y, l2)
    there = leave_one_out(loss, W, X, y, l2=l2).mean()
    assert there == pytest.approx(exact(X, y, l2), rel=0.04)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_row_of_weight_three_is_three_rows(classes):
    X, y = drawn(5, classes=classes)
    times = np.random.default_rng(5).integers(1, 4, size=len(X))
    many, total = np.repeat(np.arange(len(X)), times), float(times.sum())
    loss, W = minimum(X, y, 1 / total, times.astype(float))
    share = times / times.mean()
    losses = leave_one_out(loss, W, X, y, share, l2=1 / total, total=total)
    assert losses[many] == pytest.approx(leave_one_out(loss, W, X[many], y[many], l2=1 / total))
    found, of_many = strength(X, y, share, total), strength(X[many], y[many])
    assert found == of_many or found == pytest.approx(of_many)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("classes", "noise"), [(2, 0.3), (2, 3.0), (3, 0.3), (3, 3.0)])
def test_neither_a_stronger_nor_a_weaker_one_is_better(seed, classes, noise):
    X, y = drawn(seed, columns=10, classes=classes, noise=noise)

    def losses_at(l2):
        loss, W = minimum(X, y, l2)
        return leave_one_out(loss, W, X, y, l2=l2)

    plain, found = losses_at(1 / 60), strength(X, y)
    tried = [losses_at(factor / 60) for factor in (10**0.5, 10**-0.5)]
    if found is None:
        step = 1 if tried[0].mean() < plain.mean() else -1
        best = plain
        for number in range(1, 5):
            other = losses_at(10 ** (0.5 * step * number) / 60)
            if other.mean() >= best.mean():
                break
            best = other
        gain, errors = plain - best, 1 if step > 0 else 2
        if gain.mean() > max((1 - MARGIN) * plain.mean(), errors * gain.std() / 60**0.5) + 1e-4:
            assert step < 0
            plain = folded(X, y, 1 / 60)
            gain = plain - folded(X, y, 10 ** (-0.5 * (number - 1)) / 60)
            assert gain.mean() <= max((1 - MARGIN) * plain.mean(), 2 * gain.std() / 60**0.5) + 1e-4
        return
    best = losses_at(found).mean()
    assert best <= MARGIN * plain.mean() + 1e-4
    assert best <= min(other.mean() for other in tried) + 1e-4
    for other in (found * 10**0.5, found / 10**0.5):
        if other * 1.001 >= 1 / 6000 and other <= 1.001 * 100 / 60:
            assert losses_at(other).mean() >= best - 1e-4


@pytest.mark.slow
@pytest.mark.parametrize(("noise", "columns"), [(0.1, 5), (4.0, 15)])
def test_it_is_about_the_strength_that_cross_validation_finds(noise, columns):
    X, y = drawn(1, rows=200, columns=columns, noise=noise)
    other = LogisticRegressionCV(
        Cs=np.logspace(-2, 2, 9),
        cv=10,
        scoring="neg_log_loss",
        l1_ratios=(0.0,),
        use_legacy_attributes=False,
        max_iter=5000,
    )
    wanted = 1 / (other.fit(X, y).C_ * 200)
    assert 0.2 < strength(X, y) / wanted < 5


@pytest.mark.slow
def test_a_weaker_penalty_has_to_be_better_by_two_standard_errors():
    between = 0
    for seed in range(60):
        X, y = drawn(seed, columns=10, classes=2, noise=0.5)
        losses = [leave_one_out(*minimum(X, y, l2), X, y, l2=l2) for l2 in (1 / 60, 10**-0.5 / 60)]
        gain = losses[0] - losses[1]
        error = gain.std() / 60**0.5
        found = strength(X, y)
        if found is not None and found < 1 / 60:
            best = leave_one_out(*minimum(X, y, found), X, y, l2=found)
            better = losses[0] - best
            assert better.mean() > 2 * better.std() / 60**0.5 - 1e-6
        elif error < gain.mean() < 2 * error:
            between += 1
    assert between > 0


def test_of_blocks_it_is_that_of_the_array():
    rng = np.random.default_rng(1)
    codes, numbers = rng.integers(-1, 8, size=80), rng.normal(size=(80, 3))
    blocks = Blocks.of([Coded.of([codes], [8]), Dense(numbers)], [np.arange(8), np.arange(8, 11)])
    whole = np.column_stack([(codes[:, None] == np.arange(8)).astype(float), numbers])
    y = (rng.normal(size=80) > 0).astype(float)
    assert strength(blocks, y) == pytest.approx(strength(whole, y))


def test_of_many_rows_and_columns_so_many_rows_tell_as_there_is_time_for():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2400, 50))
    y = (X[:, 0] + 3 * rng.normal(size=2400) > 0).astype(float)
    half = strength(X[::2], y[::2])
    assert half is not None
    assert strength(X, y, most_products=1200 * 51**2) == pytest.approx(half / 2)
    assert strength(X, y, most_products=900 * 51**2) is None


def test_few_rows_many_rows_and_one_class_say_nothing():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)), (rng.normal(size=200) > 0).astype(float)
    assert strength(X[:19], y[:19]) is None
    assert strength(X, y) is None
    assert strength(X[:50], np.zeros(50)) is None


def test_a_class_of_one_row_is_no_obstacle():
    X, y = drawn(2, classes=3)
    y = np.where(y == 2, 1, y)
    y[7] = 2
    found = strength(X, y)
    assert found is None or found > 0


@pytest.mark.parametrize("classes", [2, 3])
def test_a_fit_without_l2_has_the_strength_and_says_so(classes):
    X, y = drawn(3, columns=15, classes=classes, noise=4.0)
    problem = Problem(X, y.astype(np.int64), classes)
    trainer = algorithm("logistic_regression")
    hyper = trainer.configure({})
    fit = trainer.advance(trainer.start(problem, hyper), problem, hyper, lambda _: False)
    found = strength(X, y)
    assert found is not None and f"l2 {found:.3g} chosen from the data" in fit.note
    given = trainer.configure({"l2": found})
    same = trainer.advance(trainer.start(problem, given), problem, given, lambda _: False)
    assert np.array_equal(fit.arrays["weights"], same.arrays["weights"])


@pytest.mark.parametrize("given", [{"l2": 0.5}, {"l1": 0.1}, {"iterations": 5}, {"l2": 0.0, "iterations": 5}])
def test_what_is_given_stays(given):
    X, y = drawn(3, columns=15, noise=4.0)
    trainer = algorithm("logistic_regression")
    fit = trainer.start(Problem(X, y.astype(np.int64), 2), trainer.configure(given))
    assert "chosen.l2" not in fit.arrays


def test_a_fit_that_was_begun_before_goes_on_with_its_own_strength():
    X, y = drawn(3, columns=15, noise=4.0)
    problem, trainer = Problem(X, y.astype(np.int64), 2), algorithm("logistic_regression")
    hyper, then = trainer.configure({}), trainer.configure({"l2": 1 / 60})
    begun = trainer.start(problem, then)
    assert np.array_equal(
        trainer.advance(begun, problem, hyper, lambda _: False).arrays["weights"],
        trainer.advance(begun, problem, then, lambda _: False).arrays["weights"],
    )


def rows_of_words(seed, rows=1000, columns=1600, words=30, classes=2):
    """Rows of length 1 with few of many columns, as words of texts are, and classes that follow some of these."""
    rng = np.random.default_rng(seed)
    places = np.sort(rng.permuted(np.tile(np.arange(columns), (rows, 1)), axis=1)[:, :words], axis=1)
    values = np.full(rows * words, words**-0.5)
    sparse = Sparse(np.arange(rows + 1) * words, places.ravel().astype(np.int32), values, columns)
    X = Blocks.of([sparse])
    scores = X @ (rng.normal(size=(columns, classes)) * (np.arange(columns) % 4 == 0)[:, None] * 30)
    y = np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)
    return X, y.astype(np.float64) if classes == 2 else y


@pytest.mark.lengthy
@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 3])
def test_of_more_weights_than_a_hessian_is_made_for_it_is_that_of_folds(classes):
    X, y = rows_of_words(classes, classes=classes)
    found = strength(X, y)
    assert found is not None
    step = round(2 * np.log10(found * len(y)))
    assert step < 0
    plain, best = folded(X, y, 1 / len(y)), folded(X, y, found)
    gain = plain - best
    assert gain.mean() > (1 - MARGIN) * plain.mean()
    assert gain.mean() > 2 * gain.std() / len(y) ** 0.5
    nearer = folded(X, y, found * 10**0.5)
    assert best.mean() < nearer.mean()
    if step > -4:
        assert folded(X, y, found / 10**0.5).mean() >= best.mean() - 1e-4


@pytest.mark.slow
def test_of_many_numbers_so_many_rows_tell_as_there_is_time_for():
    X, y = rows_of_words(2, rows=2000)
    half = strength(X[np.arange(0, 2000, 2)], y[::2])
    assert half is not None
    assert strength(X, y, most_stored=1000 * 30) == pytest.approx(half / 2)
    assert strength(X, y, most_stored=200 * 30) is None


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 3])
def test_of_words_too_a_row_of_weight_three_is_three_rows(classes):
    X, y = rows_of_words(classes, rows=600, classes=classes)
    times = np.random.default_rng(0).integers(1, 4, size=len(y))
    many = np.repeat(np.arange(len(y)), times)
    share, total = times / times.mean(), float(times.sum())
    found, of_many = strength(X, y, share, total), strength(X[many], y[many])
    assert found == of_many or found == pytest.approx(of_many)


def test_equal_rows_are_of_one_fold_and_all_folds_have_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    again = rng.permutation(np.repeat(np.arange(100), rng.integers(1, 4, size=100)))
    y = rng.normal(size=100)
    np.testing.assert_array_equal(folds(X[again], y[again]), folds(X, y)[again])
    assert np.bincount(folds(X, y)).tolist() == [20] * 5
    assert np.bincount(folds(np.ones((100, 3)), y)).tolist() == [20] * 5


def test_equal_rows_with_other_labels_are_dealt_out():
    rng = np.random.default_rng(0)
    who = rng.integers(0, 30, 300)
    found = folds(rng.normal(size=(30, 3))[who], rng.normal(size=300))
    assert np.bincount(found).tolist() == [60] * 5
    assert max(len(np.unique(found[who == one])) for one in range(30)) == 5
