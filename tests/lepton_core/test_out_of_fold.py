"""What a recipe predicts for a fold: as training by hand does, and given up only where that saves time."""

import numpy as np
import pytest

from lepton_core.models import ALGORITHMS, InOnePiece
from lepton_core.out_of_fold import classes_of, out_of_fold, truth
from lepton_core.preprocess import Labels, Preprocessor
from lepton_core.promotion import held_out_loss
from lepton_core.table import Categories, Numbers, Table, Texts
from lepton_core.train import Recipe, train
from tests.support.algorithms import quick

ROWS = 90


def table(task: str) -> Table:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, 2))
    score = X @ [1.0, 2.0]
    label = (
        Numbers("label", score)
        if task == "regression"
        else Categories.of("label", np.where(score > 0, "yes", "no").tolist())
    )
    return Table((Numbers("a", X[:, 0]), Numbers("b", X[:, 1]), label))


CASES = [(name, task) for name, of in ALGORITHMS.items() for task in sorted(of.tasks)]


@pytest.mark.parametrize(("name", "task"), CASES)
def test_it_is_what_training_by_hand_gives(name: str, task: str) -> None:
    data, rows = table(task), np.arange(ROWS)
    recipe = Recipe(name, "label", quick(ALGORITHMS[name], iterations=5, trees=3), task=task)
    found = out_of_fold(recipe, data, rows[:60], rows[60:])
    assert found is not None
    by_hand, held_out = train(recipe, data, rows[:60]), data.take(rows[60:])
    np.testing.assert_array_equal(found.output, by_hand.predict(held_out.without("label")))
    assert found.loss == held_out_loss(by_hand, held_out)
    mean = float(found.losses.mean())
    assert found.loss == pytest.approx(mean**0.5 if task == "regression" else mean)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_a_fit_is_given_up_where_work_is_left_and_never_where_all_is_done(name: str, task: str) -> None:
    data, rows = table(task), np.arange(ROWS)
    recipe = Recipe(name, "label", quick(ALGORITHMS[name], iterations=50, trees=30), task=task)
    whole = out_of_fold(recipe, data, rows[:60], rows[60:])
    found = out_of_fold(recipe, data, rows[:60], rows[60:], lambda _: True)
    if isinstance(ALGORITHMS[name], InOnePiece):  # nothing is left out of so many trees as are given
        assert found is not None and whole is not None
        np.testing.assert_array_equal(found.output, whole.output)
        free = Recipe(name, "label", {}, task=task)
        assert out_of_fold(free, data, rows[:60], rows[60:], lambda _: True) is None
        assert out_of_fold(free, data, rows[:60], rows[60:]) is not None
    elif found is not None:
        assert name in ("decision_tree", "naive_bayes", "svm"), "it has many iterations"


def test_labels_are_places_of_classes_or_values() -> None:
    data = table("classification")
    recipe = Recipe("naive_bayes", "label", {})
    assert classes_of(recipe, data) == ("no", "yes")
    assert set(truth(data["label"], ("no", "yes")).tolist()) == {0, 1}
    assert classes_of(Recipe("linear_regression", "label", {}), table("regression")) == ()
    assert truth(table("regression")["label"]).dtype == np.float64


def spoken(spoilt: bool) -> Table:
    """Texts, towns and a label; ``spoilt``: of the last thirty rows all are others."""
    rng = np.random.default_rng(1)
    towns = [f"town {k}" for k in rng.integers(0, 6, ROWS)]
    notes = [" ".join(rng.choice(["red", "blue", "late", "soon", "broken"], 4)) for _ in range(ROWS)]
    label = [
        "yes" if "red" in note or town == "town 1" else "no" for note, town in zip(notes, towns, strict=True)
    ]
    if spoilt:
        towns[60:] = ["town 1" if k % 2 else "a new town" for k in range(30)]
        notes[60:] = [f"unheard of words {k % 3}" for k in range(30)]
        label[60:] = ["no" if one == "yes" else "yes" for one in label[60:]]
    return Table((Categories.of("town", towns), Texts.of("note", notes), Categories.of("label", label)))


CHAINS = {
    "the default": None,
    "by the label": Preprocessor.empty().add("TargetEncode", input="town", fewest=1),
    "of words": Preprocessor.empty().add("TextHash", input="note").add("OneHot", input="town", fewest=1),
}


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("name", ["logistic_regression", "gradient_boosting"])
def test_texts_categories_and_labels_are_encoded_inside_the_fold(name: str, chain: str) -> None:
    """What the rows of the fold hold cannot change what is learnt, also by a preprocessor that has seen them."""
    rows, found = np.arange(ROWS), []
    for spoilt in (False, True):
        data = spoken(spoilt)
        preprocessor = CHAINS[chain]
        if preprocessor is not None:
            preprocessor = preprocessor.fit(
                data.without("label"), Labels.of(truth(data["label"], ("no", "yes")))
            )
        recipe = Recipe(name, "label", quick(ALGORITHMS[name], iterations=5), preprocessor)
        one = out_of_fold(recipe, data, rows[:60], rows[60:])
        assert one is not None and one.predictor is not None
        found.append(one)
    assert found[0].predictor.dump() == found[1].predictor.dump()
    assert found[0].loss != found[1].loss
