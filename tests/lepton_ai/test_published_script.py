"""The script that was published, on a table that has everything: each algorithm takes it as it is."""

from pathlib import Path

import numpy as np
import pytest

from lepton_ai import Data, DataPreprocessor, InvalidInput, Model
from lepton_ai.embedded import embedded_transport
from lepton_ai.results import Version
from lepton_core.models import ALGORITHMS
from tests.support.pasted import paste

pytestmark = pytest.mark.slow

NOTES = (
    "likes the long blue sea very much",
    "came back with a broken part again",
    "no complaint at all about anything",
    "wants to talk to somebody in charge",
)
CASES = [(name, task) for name, one in ALGORITHMS.items() for task in sorted(one.tasks)]
CHAINS = {
    "published": [("Normalize", {"input": "X", "output": "X_normalized"})],
    "in place": [
        ("Impute", {"input": "X"}),
        ("Quantile", {"input": "X", "distribution": "normal"}),
        ("PolynomialFeatures", {"input": ["age", "income"]}),
    ],
    "by blocks": [
        ("Select", {"input": ["age", "income", "town"]}),
        ("Impute", {"input": ["age", "income"], "output": "filled"}),
        ("Quantile", {"input": "filled", "output": "ranked"}),
        ("PolynomialFeatures", {"input": "ranked", "output": "products"}),
    ],
    "by the label": [
        ("TargetEncode", {"input": "town", "output": "by_town"}),
        ("Normalize", {"input": "X", "output": "z"}),
        ("RobustScale", {"input": "by_town"}),
    ],
}


def write(path: Path, seed: int, task: str) -> None:
    """120 rows of texts, dates, ids, yes or no, gaps, an empty column and one of one value."""
    rng = np.random.default_rng(seed)
    lines = ["id,joined,age,income,member,town,note,empty,planet,target"]
    for row in range(120):
        age, income, town = (
            rng.integers(18, 90),
            rng.normal(3e4, 9e3),
            rng.choice(["Bonn", "Ulm", "Jena", ""]),
        )
        value = age / 20 + income / 3e4 + (town == "Bonn") + rng.normal()
        cells = (
            f"k-{seed}{row:05}",
            f"2023-{rng.integers(1, 13):02}-{rng.integers(1, 28):02}" if rng.random() > 0.1 else "",
            age if rng.random() > 0.1 else "",
            f"{income:.2f}" if rng.random() > 0.1 else "",
            rng.choice(["yes", "no", ""]),
            town,
            rng.choice(NOTES),
            "",
            7,
            f"{value:.4f}" if task == "regression" else ("good" if value > 4 else "bad"),
        )
        lines.append(",".join(map(str, cells)))
    path.write_text("\n".join(lines) + "\n")


def train(model: Model) -> Version:
    """A version by the script's own words, or by the call that the refusal of these offers."""
    try:
        return model.train(iterations=20, learning_rate=0.01, batch_size=32)
    except InvalidInput as error:
        assert error.field in ("iterations", "batch_size")
        (way,) = error.remedies
        return paste(str(way), {"model": model})  # type: ignore[no-any-return]


def run(folder: Path, algorithm: str, task: str, chain: str) -> None:
    for seed, name in enumerate(("train_data", "update_data")):
        write(folder / f"{name}.csv", seed, task)
    transport = embedded_transport(folder / "state")
    try:
        model = Model(algorithm=algorithm, name="my_model", quiet=True, transport=transport)
        data = Data.from_csv(folder / "train_data.csv", quiet=True)
        model.upload_data(data)
        preprocessor = DataPreprocessor()
        for name, options in CHAINS[chain]:
            preprocessor.add_transformer(name, **options)
        preprocessor.fit(data)
        model.upload_preprocessor(preprocessor)
        train(model)
        model.deploy()
        model.monitor()
        data = Data.from_csv(folder / "update_data.csv", quiet=True)
        model.upload_data(data)
        assert train(model).version == 2
        model.deploy()
        assert len(model.predict(data)) == 120
        assert len(model.predict([{"age": 30}, {"town": "Bonn"}, {"joined": "2024-02-29", "age": None}])) == 3
    finally:
        transport.close()


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("algorithm", "task"), CASES)
def test_each_algorithm_takes_any_table(tmp_path: Path, algorithm: str, task: str) -> None:
    run(tmp_path, algorithm, task, "published")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("chain", list(CHAINS)[1:])
@pytest.mark.parametrize(
    ("algorithm", "task"), [("logistic_regression", "classification"), ("gradient_boosting", "regression")]
)
def test_named_blocks_chain_on_any_table(tmp_path: Path, algorithm: str, task: str, chain: str) -> None:
    run(tmp_path, algorithm, task, chain)
