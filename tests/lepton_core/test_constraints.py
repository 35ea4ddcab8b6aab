"""What is said of columns, as what holds for the features that are made of them."""

import numpy as np
import pytest

from lepton_core.constraints import check_constraints, of_features
from lepton_core.errors import InvalidInput
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Column, Numbers, Table
from lepton_core.train import Recipe, advance, finish, prepare, start, train

RNG = np.random.default_rng(0)
ROWS = 120
AGE = RNG.uniform(18, 90, ROWS)
AGE[::9] = np.nan
INCOME = RNG.normal(3e4, 9e3, ROWS)
TOWN = [str(one) for one in RNG.choice(["Bonn", "Ulm", "Jena"], ROWS)]
PAID = np.where(np.nan_to_num(AGE, nan=50) + RNG.normal(0, 20, ROWS) > 50, "yes", "no")
TABLE = Table(
    (
        Numbers("age", AGE),
        Numbers("income", INCOME),
        Categories.of("town", TOWN),
        Categories.of("paid", [str(one) for one in PAID]),
    )
)
FEATURES = TABLE.without("paid")
EVERY = np.arange(ROWS)
KINDS = {"age": "number", "income": "number", "town": "category", "joined": "date", "note": "text"}


def chain(*steps: tuple[str, dict]) -> Preprocessor:
    made = Preprocessor.empty()
    for transformer, options in steps:
        made = made.add(transformer, **options)
    return made.fit(FEATURES)


def constrained(fitted: Preprocessor, signs=(), groups=()):
    given = {"monotone": dict(signs)} if signs else {"interactions": list(groups)}
    return of_features(fitted, given, signs, groups)


def test_a_column_of_numbers_hands_its_sign_to_what_rises_with_it():
    for step in ("Normalize", "MinMax", "RobustScale", "Log"):
        fitted = chain((step, {"input": ["age", "income"]}))
        signs, groups = constrained(fitted, (("age", 1), ("income", -1)))
        named = dict(zip(fitted.feature_names, signs, strict=True))
        assert (named.pop("age"), named.pop("income")) == (1, -1)
        assert not any(named.values())
        assert groups == ()
    fitted = chain(("Quantile", {"input": "age"}), ("Normalize", {"input": "age"}))
    assert constrained(fitted, (("age", -1),))[0][fitted.feature_names.index("age")] == -1


def test_what_tells_missing_cells_has_no_sign():
    fitted = chain(
        ("MissingIndicator", {"input": "age", "output": "lost"}), ("Impute", {"input": ["age", "income"]})
    )
    named = dict(zip(fitted.feature_names, constrained(fitted, (("age", 1),))[0], strict=True))
    assert named["age"] == 1
    assert named["age=(missing)"] == 0


def test_a_feature_that_turns_with_its_column_is_refused():
    for column in ("age", "income"):
        fitted = chain(("PolynomialFeatures", {"input": ["age", "income"]}))
        with pytest.raises(InvalidInput, match="does not just rise or fall") as caught:
            constrained(fitted, ((column, 1),))
        assert (caught.value.field, caught.value.column) == ("monotone", column)
        assert [str(one) for one in caught.value.remedies] == ["model.train()"]


def test_the_features_of_a_column_are_of_its_groups():
    fitted = chain(("OneHot", {"input": "town"}))
    assert fitted.feature_names == ("age", "income", "town=Bonn", "town=Jena", "town=Ulm")
    assert constrained(fitted, groups=(("age", "town"), ("income", "town")))[1] == (
        (0, 2, 3, 4),
        (1, 2, 3, 4),
    )


def test_columns_that_no_group_names_are_one_more_group():
    fitted = chain(("OneHot", {"input": "town"}))
    assert constrained(fitted, groups=(("age",),))[1] == ((0,), (1, 2, 3, 4))
    assert constrained(fitted, groups=(("age", "income", "town"),))[1] == ((0, 1, 2, 3, 4),)


def test_a_feature_of_columns_that_no_group_holds_together_is_refused():
    fitted = chain(("PolynomialFeatures", {"input": ["age", "income"]}))
    with pytest.raises(InvalidInput, match="'age' and 'income', which no group holds together") as caught:
        constrained(fitted, groups=(("age",),))
    assert caught.value.field == "interactions"
    groups = constrained(fitted, groups=(("age", "income"),))[1]
    assert {at for group in groups for at in group} == set(range(fitted.width))


@pytest.mark.parametrize(
    ("given", "message", "offered"),
    [
        ({"monotone": {"agee": 1}}, "did you mean 'age'?", "model.train(monotone={'age': 1})"),
        (
            {"trees": 5, "monotone": {"planet": 1, "age": 1}},
            "there is no column 'planet'; leave it out:",
            "model.train(trees=5, monotone={'age': 1})",
        ),
        ({"monotone": {"paid": 1}}, "column 'paid' is the label, and no feature", "model.train()"),
        ({"monotone": {"town": -1}}, "of kind category: its levels have no order", "model.train()"),
        ({"monotone": {"joined": 1}}, "of kind date", "model.train()"),
        ({"monotone": {"note": 1}}, "of kind text: its words have no order", "model.train()"),
        (
            {"interactions": [["age", "town"], ["incom"]]},
            "did you mean 'income'?",
            "model.train(interactions=[['age', 'town'], ['income']])",
        ),
        (
            {"interactions": [["age", "paid"], ["paid"]]},
            "column 'paid' is the label",
            "model.train(interactions=[['age']])",
        ),
    ],
)
def test_a_column_that_cannot_have_it_is_named_with_a_call_that_trains(given, message, offered):
    with pytest.raises(InvalidInput) as caught:
        check_constraints(given, KINDS, {"paid": "the label"})
    assert message in caught.value.message
    assert caught.value.field == next(name for name in given if name != "trees")
    assert caught.value.message.endswith(offered)
    assert [str(one) for one in caught.value.remedies] == [offered]
    check_constraints(caught.value.remedies[0].body.get("hyperparameters", {}), KINDS, {"paid": "the label"})


def test_signs_that_say_nothing_may_be_of_any_column():
    check_constraints({"monotone": {"town": 0}}, KINDS, {}, classes=3)
    with pytest.raises(InvalidInput, match="the label has 3 classes") as caught:
        check_constraints({"monotone": {"age": 1}, "trees": 5}, KINDS, {}, classes=3)
    assert str(caught.value.remedies[0]) == "model.train(trees=5)"


@pytest.mark.parametrize("algorithm", ["decision_tree", "gradient_boosting", "random_forest"])
def test_a_model_of_a_table_keeps_to_the_signs_of_its_columns(algorithm):
    recipe = Recipe(
        algorithm,
        "paid",
        {"monotone": {"age": -1, "income": 1}, "interactions": [["age"], ["income", "town"]]},
    )
    made = train(recipe, TABLE, EVERY)
    for column, sign in (("age", -1), ("income", 1)):
        for row in range(0, ROWS, 30):
            repeated: list[Column] = [one.take(np.full(80, row)) for one in FEATURES.columns]
            repeated = [
                Numbers(column, np.linspace(-1e5, 1e5, 80)) if one.name == column else one for one in repeated
            ]
            found = made.predict(Table(tuple(repeated)))[:, 1]
            assert (sign * np.diff(found)).min() >= -1e-12


def test_a_fit_is_refused_where_the_table_has_other_columns():
    with pytest.raises(InvalidInput, match="there is no column 'height'"):
        prepare(Recipe("decision_tree", "paid", {"monotone": {"height": 1}}), TABLE, EVERY)
    with pytest.raises(InvalidInput, match="column 'income' is the weight"):
        table = Table((*TABLE.without("income").columns, Numbers("income", np.abs(INCOME))))
        prepare(Recipe("decision_tree", "paid", {"monotone": {"income": 1}}, weight="income"), table, EVERY)


def test_without_constraints_nothing_of_a_model_changes():
    plain = Recipe("gradient_boosting", "paid", {"iterations": 5})
    empty = Recipe("gradient_boosting", "paid", {"iterations": 5, "monotone": {}, "interactions": []})
    files = []
    for recipe in (plain, empty):
        prepared = prepare(recipe, TABLE, EVERY)
        assert (prepared.problem.signs, prepared.problem.groups) == ((), ())
        files.append(finish(prepared, advance(prepared, start(prepared), lambda _: False)).dump())
    assert files[0] == files[1]
