"""Tables as people have them, from the file to the prediction: what each should give, over the embedded store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lepton_ai import Data, DataPreprocessor, InvalidData, Model, Upload
from lepton_ai.embedded import EmbeddedTransport

Trained = Callable[..., Model]
N = 200
X = np.random.default_rng(0).normal(size=N)
Y = np.where(X > 0, "b", "a")


@pytest.fixture(scope="module")
def transport(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTransport]:
    made = EmbeddedTransport(Path(tmp_path_factory.mktemp("tables")))
    yield made
    made.close()


@pytest.fixture
def new(transport: EmbeddedTransport, request: pytest.FixtureRequest) -> Callable[..., Model]:
    """A model that is named after the test."""
    count = iter(range(100))

    def make(algorithm: str, **more: Any) -> Model:
        name = f"{request.node.originalname[5:50]}-{abs(hash(request.node.name)) % 10**6}-{next(count)}"
        return Model(algorithm, name=name, quiet=True, transport=transport, **more)

    return make


@pytest.fixture
def trained(new: Callable[..., Model]) -> Trained:
    """A model of some data, trained and deployed."""

    def make(algorithm: str, data: Data, **more: Any) -> Model:
        model = new(algorithm, **more)
        model.upload_data(data)
        model.train()
        model.deploy()
        return model

    return make


@pytest.fixture
def from_csv(tmp_path: Path) -> Callable[..., Data]:
    def make(text: str, **options: Any) -> Data:
        path = tmp_path / "table.csv"
        path.write_text(text)
        return Data.from_csv(path, quiet=True, **options)

    return make


def metric(model: Model, name: str) -> float:
    return model.versions()[-1].metrics[name] or 0.0


def test_copies_of_rows_are_dealt_out_so_that_shares_are_learnt_and_judged_right(trained: Trained) -> None:
    sick = ["sick"] * 800 + ["well"] * 200 + ["sick"] * 300 + ["well"] * 700
    frame = pd.DataFrame({"arm": ["t"] * 1000 + ["c"] * 1000, "y": sick})
    model = trained("logistic_regression", Data.from_pandas(frame, label="y", quiet=True))
    t, c = model.predict([{"arm": "t"}, {"arm": "c"}])
    assert t.probabilities is not None and c.probabilities is not None
    assert t.probabilities["sick"] == pytest.approx(0.8, abs=0.01)
    assert c.probabilities["sick"] == pytest.approx(0.3, abs=0.01)
    assert metric(model, "accuracy") == pytest.approx(0.75, abs=0.02)
    validated = model.evaluate(folds=5)
    assert validated.metrics["accuracy"] == pytest.approx(0.75, abs=0.02)


def test_two_questions_with_five_answers_each_keep_their_shares_in_training(trained: Trained) -> None:
    draw = np.random.default_rng(1)
    a, b = draw.integers(1, 6, 5000), draw.integers(1, 6, 5000)
    y = np.where(draw.random(5000) < (a + 2 * b) / 16, "yes", "no")
    frame = pd.DataFrame({"a": [f"a{i}" for i in a], "b": [f"b{i}" for i in b], "y": y})
    model = trained("decision_tree", Data.from_pandas(frame, label="y", quiet=True))
    cells = frame.drop_duplicates(["a", "b"])[["a", "b"]].to_dict("records")
    for cell, one in zip(cells, model.predict(cells), strict=True):
        rows = frame[(frame.a == cell["a"]) & (frame.b == cell["b"])]
        share = (rows.y == "yes").mean()
        assert one.probabilities is not None
        assert abs(one.probabilities["yes"] - share) < 3 * np.sqrt(share * (1 - share) / len(rows)) + 0.01


def test_a_regression_on_two_groups_predicts_their_means(trained: Trained) -> None:
    y = np.tile([1.0, 5.0], 300) + np.random.default_rng(2).normal(size=600) / 2
    frame = pd.DataFrame({"group": ["u", "v"] * 300, "y": y})
    model = trained("linear_regression", Data.from_pandas(frame, label="y", quiet=True))
    wanted = frame.groupby("group").y.mean()
    assert model.predict([{"group": "u"}, {"group": "v"}]).values == pytest.approx(wanted.tolist(), abs=0.1)


def test_float32_is_encoded_as_what_it_was(new: Callable[..., Model]) -> None:
    size = np.array([0.1, 0.2, 0.3, 0.7] * 50, dtype=np.float32)
    frame = pd.DataFrame({"size": size, "y": np.where(np.isin(np.arange(200) % 4, [1, 3]), "p", "q")})
    data = Data.from_pandas(frame, label="y", quiet=True)
    steps = DataPreprocessor()
    steps.add_transformer("OneHot", input="size", output="one_hot")
    steps.fit(data)
    model = new("logistic_regression")
    model.upload_data(data)
    model.upload_preprocessor(steps)
    model.train()
    model.deploy()
    assert model.predict(frame).labels == frame.y.tolist()


def test_blanks_around_names_are_no_part_of_them(trained: Trained, from_csv: Callable[..., Data]) -> None:
    frame = pd.DataFrame({" age": X, "size ": X**2, " y": Y})
    text = frame.to_csv(index=False)
    by_frame = Data.from_pandas(frame, label=" y", quiet=True, exclude=["size "])
    by_file = from_csv(text, label=" y", exclude=["size "], kinds={" age": "number"}, missing={" age": ["-"]})
    assert by_frame.columns == by_file.columns == ("age", "y")
    model = trained("decision_tree", by_file)
    assert model.predict({" age": 1.0}).label == model.predict({"age": 1.0}).label == "b"


@pytest.mark.parametrize("yes", [True, 1, 1.0, "1", "true", "TRUE", "True", "yes", "t", np.True_])
def test_yes_is_yes_however_it_is_spelt(trained: Trained, yes: object) -> None:
    paid = np.arange(N) % 3 == 0
    frame = pd.DataFrame({"paid": paid, "x": X, "y": np.where(paid, "u", "v")})
    model = trained("logistic_regression", Data.from_pandas(frame, label="y", quiet=True))
    found = model.predict({"paid": yes, "x": 0.0})
    assert (found.label, found.notes.unknown) == ("u", ())
    assert found == model.predict({"paid": True, "x": 0.0})


@pytest.mark.parametrize("label", [X > 0, np.where(X > 0, "yes", "no"), np.where(X > 0, "TRUE", "FALSE")])
def test_a_class_of_a_truth_value_is_weighed_by_the_value(new: Callable[..., Model], label: Any) -> None:
    model = new("logistic_regression")
    model.upload_data(Data.from_pandas(pd.DataFrame({"x": X**2, "y": label}), label="y", quiet=True))
    shares = []
    for weight in ({True: 1}, {True: 5}, {False: 5}):
        model.train(class_weight=weight)
        model.deploy()
        [found] = model.predict([{"x": 1.0}])
        assert found.probabilities is not None
        shares.append(list(found.probabilities.values())[1])
    assert shares[2] < shares[0] - 0.2 < shares[1] - 0.4


DRAW = np.random.default_rng(3)
AMOUNT = DRAW.uniform(1000, 9000, 400).round(0)
DOUBLE = (2 * AMOUNT + DRAW.normal(size=400) * 150).round(3)
GONE = DRAW.random(400) < 0.15
SPELLINGS: dict[str, Callable[[float], str]] = {
    "a dollar and groups": lambda x: f"${x:,.0f}",
    "a percentage": lambda x: f"{x / 100:.2f}%",
    "a decimal comma": lambda x: f"{x / 100:.2f}".replace(".", ","),
    "groups and decimals": lambda x: f"{x:,.2f}",
    "groups of points": lambda x: f"{x:,.2f}".translate(str.maketrans(",.", ".,")),
    "groups of blanks": lambda x: f"{x:,.0f}".replace(",", "\u202f"),
    "a unit": lambda x: f"{x:.0f} kg",
    "a power": lambda x: f"{x:e}",
    "a currency behind": lambda x: f"{x:,.2f} EUR",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_numbers_in_everyday_clothes_are_as_good_as_plain_ones(
    trained: Trained, from_csv: Callable[..., Data], spelling: str
) -> None:
    frame = pd.DataFrame({"x": list(map(SPELLINGS[spelling], AMOUNT)), "y": DOUBLE})
    data = from_csv(frame.to_csv(index=False), label="y")
    model = trained("linear_regression", data)
    assert metric(model, "r2") > 0.998
    assert model.predict([{"x": frame.x[0]}]).values == model.predict(data).values[:1]


@pytest.mark.parametrize("word", ["?", "-", "n/a", "NULL", "#N/A", "None", "."])
@pytest.mark.parametrize("share", [0.02, 0.15])
def test_any_word_for_a_missing_number_is_as_an_empty_cell(
    from_csv: Callable[..., Data], word: str, share: float
) -> None:
    gone = GONE & (np.arange(400) < 400 * share / 0.15)
    said, empty = (
        from_csv(
            pd.DataFrame({"x": np.where(gone, one, AMOUNT.astype(str)), "y": DOUBLE}).to_csv(index=False)
        ).table
        for one in (word, "")
    )
    np.testing.assert_array_equal(said["x"].values, empty["x"].values)


def test_days_of_half_a_year_are_told_apart_also_unseen_ones(
    trained: Trained, from_csv: Callable[..., Data]
) -> None:
    month, day = DRAW.integers(1, 13, 400), DRAW.integers(1, 27, 400)
    rows = [f"2024-{m:02d}-{d:02d},{'yes' if m <= 6 else 'no'}" for m, d in zip(month, day, strict=True)]
    model = trained("gradient_boosting", from_csv("\n".join(["when,y", *rows])))
    assert metric(model, "auc") == 1.0
    unseen = model.predict([{"when": f"2024-{m:02d}-28"} for m in range(1, 13)])
    assert unseen.labels == ["yes"] * 6 + ["no"] * 6


@pytest.mark.slow
@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "algorithm", ["logistic_regression", "decision_tree", "random_forest", "gradient_boosting", "naive_bayes"]
)
def test_a_table_of_customers_trains_at_the_first_try_and_columns_may_be_left_out_later(
    new: Callable[..., Model], from_csv: Callable[..., Data], algorithm: str
) -> None:
    rows, draw = 1500, np.random.default_rng(4)
    amount = draw.gamma(2, 50, rows).round(2)
    minutes = draw.choice(2_000_000, rows, replace=False)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{i:05d}" for i in draw.permutation(rows)],
            "signup_date": [str(pd.Timestamp("2020-01-01") + pd.Timedelta(minutes=int(m))) for m in minutes],
            "email": [f"user{i}@mail{i % 97}.org" for i in draw.permutation(rows)],
            "country": draw.choice(["DE", "FR", "US"], rows),
            "amount": amount,
            "comment": [" ".join(f"w{i}" for i in draw.integers(0, 900, 12)) for _ in range(rows)],
            "churned": np.where(amount + 10 * draw.normal(size=rows) > 90, "yes", "no"),
        }
    )
    text = frame.to_csv(index=False)
    data = from_csv(text, label="churned")
    kinds = {one.name: one.kind for one in data.features.columns}
    assert (kinds["customer_id"], kinds["email"], kinds["comment"]) == ("identifier", "identifier", "text")
    model = new(algorithm)
    model.upload_data(data)
    auc = model.train().metrics["auc"]
    assert auc is not None
    # To naive Bayes each of the 900 words of noise is evidence as good as the amount: it says what chance would.
    assert auc > 0.9 or (algorithm == "naive_bayes" and abs(auc - 0.5) < 0.1)
    model.upload_data(from_csv(text, label="churned", exclude=["customer_id", "comment"]))
    assert (model.train().metrics["auc"] or 0) > 0.9


def test_an_empty_column_takes_the_kind_of_the_first_version_that_has_values(
    new: Callable[..., Model], from_csv: Callable[..., Data]
) -> None:
    model = new("logistic_regression")
    for cell in ("", "red", "blue"):
        rows = [f"{cell if i % 3 else ''},{x},{y}" for i, (x, y) in enumerate(zip(X, Y, strict=True))]
        model.upload_data(from_csv("\n".join(["c,x,y", *rows]), label="y"))
        model.train()
    model.deploy()
    assert model.predict({"c": "red", "x": 2.0}).label == "b"


@pytest.mark.parametrize(
    ("cell", "value"), [("T", np.nan), (">3", 3.0), ("2100 - 2850", np.nan), ("1e400", np.nan)]
)
def test_one_odd_cell_among_numbers_is_missing_or_bounded_and_said(
    from_csv: Callable[..., Data], cell: str, value: float
) -> None:
    cells = [f"{5 + x:.3f}" for x in X]
    cells[77] = cell
    data = from_csv("\n".join(["v,y", *(f"{c},{y}" for c, y in zip(cells, Y, strict=True))]), label="y")
    np.testing.assert_array_equal(data.table["v"].values[[76, 77]], [float(cells[76]), value])
    [column, _] = data.report().report.columns
    assert cell in column.doubt


def test_columns_of_a_name_that_labels_have_are_taken_with_a_warning_that_names_the_other(
    from_csv: Callable[..., Data],
) -> None:
    rows = [
        f"{0.2 + i / 100},{4 + i / 50:.2f},{4.01 + i / 50:.2f},{2 + i / 90:.2f},{300 + 7 * i}"
        for i in range(60)
    ]
    data = from_csv("\n".join(["carat,x,y,z,price", *rows]))
    [note] = data.notes
    assert (note.code, note.remedy) == ("label_in_doubt", "Data.from_csv(path, label='price')")
    assert "label: y (the column named y; is it what is to be predicted, or is it price" in note.message
    assert "label_in_doubt" in {one.code for one in data.report().warnings}
    for sure in ("label,x,z", "x,z,y", "x,z,class"):
        [note] = from_csv("\n".join([sure, *("1,2,3", "4,5,6", "7,8,9")])).notes
        assert (note.code, note.remedy) == ("label_guessed", "")


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    "algorithm", ["decision_tree", "linear_regression", "gradient_boosting", "random_forest"]
)
@pytest.mark.parametrize("unit", [1e-300, 1e-170, 1e-120, 1e120, 1e170, 1e300])
def test_targets_of_any_size_are_learnt_or_refused_by_name(
    trained: Trained, algorithm: str, unit: float
) -> None:
    frame = pd.DataFrame({"x": X, "y": (2 * X + 0.1 * Y.view("U1").__eq__("a")) * unit})
    data = Data.from_pandas(frame, label="y", quiet=True)
    try:
        model = trained(algorithm, data, task="regression")
    except InvalidData as error:
        assert "measure them in" in error.message
        assert not 1e-130 < unit < 1e130
        return
    found = np.array(model.predict(frame).values) / unit
    truth = frame.y / unit
    assert 1 - np.square(found - truth).sum() / np.square(truth - truth.mean()).sum() > 0.9
    assert metric(model, "r2") > 0.9


def test_a_passenger_is_answered_with_three_of_nine_columns(
    trained: Trained, from_csv: Callable[..., Data]
) -> None:
    draw, rows = np.random.default_rng(5), 400
    sex = draw.choice(["male", "female"], rows)
    frame = pd.DataFrame(
        {
            "PassengerId": np.arange(1, rows + 1),
            "Survived": (draw.random(rows) < np.where(sex == "female", 0.75, 0.2)).astype(int),
            "Pclass": draw.integers(1, 4, rows),
            "Name": [f"Person{i}, Mr. {i * 7}" for i in range(rows)],
            "Sex": sex,
            "Age": np.where(draw.random(rows) < 0.2, np.nan, draw.uniform(1, 80, rows).round(0)),
            "Ticket": [f"A/{i * 13}" for i in range(rows)],
            "Fare": draw.gamma(2, 20, rows).round(2),
            "Cabin": np.where(draw.random(rows) < 0.77, None, "C85"),
        }
    )
    model = trained("logistic_regression", from_csv(frame.to_csv(index=False), label="Survived"))
    him = model.predict({"Sex": "male", "Pclass": 3, "Age": 22})
    her = model.predict({"Sex": "female", "Pclass": 1, "Age": 22})
    assert (him.label, her.label) == ("0", "1")
    assert {one.column for one in him.notes.filled} <= set(frame.columns) - {
        "Sex",
        "Pclass",
        "Age",
        "Survived",
    }


def test_calls_that_are_all_refused_open_an_alert(trained: Trained) -> None:
    frame = pd.DataFrame({"x": X, "y": Y})
    model = trained("logistic_regression", Data.from_pandas(frame, label="y", quiet=True))
    for _ in range(50):
        with pytest.raises(InvalidData, match="row 1, column 'x': 'oops' is no number"):
            model.predict([["oops"]])
    seen = model.monitor()
    assert (seen.status, seen.errors) == ("failing", 50)
    assert len(seen.alerts) == 1


def test_an_upload_says_what_it_found(new: Callable[..., Model], from_csv: Callable[..., Data]) -> None:
    data = from_csv("\n".join(["v,y", *(f"{c},{y}" for c, y in zip(["xx", *X[1:]], Y, strict=True))]))
    uploaded: Upload = new("logistic_regression").upload_data(data)
    assert uploaded.report is not None
    assert any(
        "'xx'" in one.message and "missing={'v': ['xx']}" in one.remedy for one in uploaded.report.warnings
    )


@pytest.mark.parametrize(
    ("small", "large", "value"),
    [("${:.2f}", "$1,200.50", 1200.5), ("{:.1f}", "1,200.5", 1200.5), ("{:.1f} kg", "1 200.5 kg", 1200.5)],
)
def test_a_sign_between_groups_may_come_with_a_later_cell(
    trained: Trained, from_csv: Callable[..., Data], small: str, large: str, value: float
) -> None:
    amounts = 4.5 * np.arange(1, N + 1)
    first = {"amount": [small.format(one) for one in amounts], "y": 2 * amounts}
    model = trained("linear_regression", from_csv(pd.DataFrame(first).to_csv(index=False), label="y"))
    [by_text, by_number] = model.predict([{"amount": large}, {"amount": value}])
    assert by_text.value == by_number.value == pytest.approx(2 * value, rel=1e-6)
    later = {"amount": [*first["amount"][1:], large], "y": [*first["y"][1:], 2 * value]}
    done = model.upload_data(from_csv(pd.DataFrame(later).to_csv(index=False), label="y"))
    assert done.report is not None
    [amount, _] = done.report.report.columns
    assert amount.missing == 0
