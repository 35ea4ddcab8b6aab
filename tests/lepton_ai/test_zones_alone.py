"""A time that names its zone, and not its offset: read as no time, and everybody is told what to write."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lepton_ai import Data, InvalidData, Model
from lepton_ai.embedded import EmbeddedTransport

ALONE = "2024-03-31T10:00:00[Europe/Berlin]"
SAID = (
    "names a zone, and not how far from UTC it is then; write the offset, as in '2024-12-31T18:00:00+01:00'"
)
ROWS = [{"a": at % 3, "when": f"2024-03-{1 + at % 28:02}T10:00:00", "y": "pq"[at % 2]} for at in range(60)]


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".json":
        path.write_text(json.dumps(rows))
        return path
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    transport = EmbeddedTransport(tmp_path / "embedded")
    made = Model("naive_bayes", name="m", quiet=True, transport=transport)
    made.upload_data(Data.from_csv(written(tmp_path / "good.csv", ROWS), label="y", quiet=True))
    made.train(refit=False)
    made.deploy()
    yield made
    transport.close()


def test_a_row_with_it_is_refused_and_a_file_goes_on(model: Model, tmp_path: Path) -> None:
    good, wrong = {"a": 1, "when": "2024-03-31T10:00:00"}, {"a": 1, "when": ALONE}
    with pytest.raises(InvalidData, match="row 2, column 'when'") as refused:
        model.predict([good, wrong])
    assert SAID in str(refused.value)
    with pytest.raises(InvalidData) as refused:
        model._transport.call("POST", "/v1/models/m/predict", body={"rows": [wrong]})
    assert SAID in str(refused.value)
    for name in ("rows.json", "rows.csv"):
        first, second = model.predict(written(tmp_path / name, [good, wrong]))
        assert first.error is None and second.error is not None
        assert SAID in second.error.reason
    assert model.predict({"a": 1, "when": ALONE.replace("[", "+02:00[")}).label in "pq"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_report_of_a_file_of_them_says_what_to_write(tmp_path: Path, form: str) -> None:
    rows = [{**row, "when": f"{row['when']}[Europe/Berlin]"} for row in ROWS]
    report = Data.from_file(written(tmp_path / f"rows.{form}", rows), label="y", quiet=True).report()
    [found] = [one for one in report.findings if one.code == "zones"]
    assert found.column == "when" and found.level == "warning"
    assert "times of 'when' name a zone" in found.message and "read as category" in found.message
    with_offset = [{**row, "when": row["when"].replace("[", "+01:00[")} for row in rows]
    report = Data.from_file(written(tmp_path / f"more.{form}", with_offset), label="y", quiet=True).report()
    assert "zones" not in [one.code for one in report.findings]
