"""Rows with objects in their cells are predicted in the form in which they stood in the file to train on."""

import json
from pathlib import Path

import pytest

from lepton_ai import Data, InvalidData, Model
from lepton_ai.embedded import EmbeddedTransport


def test_rows_of_objects_are_predicted_as_they_stood_in_the_file(tmp_path: Path) -> None:
    rows = [{"at": {"a": i % 7}, "b": i % 3, "y": "no" if i % 7 < 3 else "yes"} for i in range(80)]
    path = tmp_path / "rows.ndjson"
    path.write_text("\n".join(map(json.dumps, rows)))
    model = Model(
        "logistic_regression", name="nested", quiet=True, transport=EmbeddedTransport(tmp_path / "platform")
    )
    model.upload_data(Data.from_file(path, quiet=True))
    model.train(iterations=10)
    model.deploy()
    assert (
        model.predict(rows).labels == model.predict(path).labels == [model.predict(row).label for row in rows]
    )
    with pytest.raises(InvalidData, match=r"row 2, column 'at\.a': holds an object"):
        model.predict([rows[0], {"at": {"a": {"c": 1}}}])
