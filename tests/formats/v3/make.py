"""Make the data of this folder: ``python -m tests.formats.v3.make FOLDER`` from the top, with an empty folder.

The script is kept to say what the data holds. Each ``.lepton`` is a version whose artifact is of format 3: a linear
model of columns of numbers, which answers by weights that hold the scaling. ``expected.json`` has what it predicted for
`ROWS`.
"""

import json
import sys
from pathlib import Path

import numpy as np

from lepton_ai import Data, Model, load
from lepton_ai.embedded import EmbeddedTransport

HERE = Path(__file__).parent
ROWS = [[31.0, 0.25, -4000.5], [58.5, -1.0, 0.0], [20.0, 3.0, 1e6]]
NAMES = ("age", "score", "balance")
MODELS = {"two": "logistic_regression", "three": "logistic_regression", "value": "linear_regression"}


def main(folder: str) -> None:
    """Train the three versions, write their files, and what they predict as hexadecimal numbers."""
    rng = np.random.default_rng(7)
    X = np.column_stack([rng.uniform(18, 80, 200), rng.normal(size=200), rng.normal(0, 5000, 200)]).round(3)
    score = (X[:, 0] - 50) / 15 + X[:, 1] + X[:, 2] / 9000 + rng.normal(size=200) / 2
    labels = {
        "two": np.where(score > 0, "yes", "no"),
        "three": np.array(["low", "mid", "high"])[np.digitize(score, [-0.7, 0.7])],
        "value": score.round(4),
    }
    said = {}
    for name, algorithm in MODELS.items():
        data = Path(folder) / f"{name}.csv"
        lines = [",".join((*NAMES, "label"))]
        lines += [",".join(map(str, (*row, label))) for row, label in zip(X, labels[name], strict=True)]
        data.write_text("\n".join(lines) + "\n")
        model = Model(algorithm, name, quiet=True, transport=EmbeddedTransport(Path(folder) / "state"))
        model.upload_data(Data.from_csv(data, "label", quiet=True))
        model.train()
        alone = load(model.export(HERE / f"{name}.lepton"))
        said[name] = answers(alone)
    (HERE / "expected.json").write_text(json.dumps(said, indent=1) + "\n")


def answers(alone: object) -> list[list[str]]:
    """What it predicts for `ROWS`: the probability of each class, or the value."""
    of = alone.predict([dict(zip(NAMES, row, strict=True)) for row in ROWS])  # type: ignore[attr-defined]
    return [[one.hex() for one in (row.probabilities or {"": row.value}).values()] for row in of]


if __name__ == "__main__":
    main(*sys.argv[1:])
