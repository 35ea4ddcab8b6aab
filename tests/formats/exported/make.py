"""Writes ``1.lepton`` and what it predicts, as the newest format was when it came: never again for the same number."""

import json
import sys
from pathlib import Path

from lepton_ai import Data, Model, load
from lepton_ai.embedded import EmbeddedTransport

HERE = Path(__file__).parent
ROWS = [
    {"age": 31, "since": "2024-05-01", "plan": "basic", "left": True},
    {"age": None, "since": None, "plan": "silver", "left": None},
    {"age": 58.5, "since": "2024-11-30", "plan": "gold", "left": False},
]


def main(number: str, folder: str) -> None:
    """Train a small version, write its file, and the predictions of `ROWS` as hexadecimal numbers."""
    lines = ["age,since,plan,left,churned"]
    for k in range(120):
        plan = ("basic", "gold")[k % 3 == 0]
        churned = ("no", "yes")[k % 50 + 15 * (plan == "gold") + 6 * (k * 7 % 5) > 45]
        lines.append(f"{20 + k % 50},2024-{k % 12 + 1:02d}-{k % 28 + 1:02d},{plan},{k % 5 < 2},{churned}")
    data = Path(folder) / "data.csv"
    data.write_text("\n".join(lines) + "\n")
    model = Model("logistic_regression", "churn", quiet=True, transport=EmbeddedTransport(Path(folder)))
    model.upload_data(Data.from_csv(data, "churned", quiet=True, missing=["", "?"]))
    model.train(iterations=20, calibrate=True, uncertainty=True)
    model.set_threshold(recall=0.8, label="yes")
    alone = load(model.export(HERE / f"{number}.lepton"))
    said = [
        {"label": one.label, "yes": (one.probabilities or {})["yes"].hex(), "plausible": one.plausible}
        for one in alone.predict(ROWS, coverage=0.9)
    ]
    (HERE / f"{number}.json").write_text(json.dumps(said, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
