"""Files of every form through the SDK: one table, whatever it is written in, for training and for prediction."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from lepton_ai import Data, InvalidInput, Model
from lepton_ai.cli import main
from lepton_ai.file_rows import rows_from_file
from lepton_ai.rows import rows_from
from lepton_core.artifact import is_container
from tests.support.pasted import paste
from tests.support.written_files import arrow_stream, feather, ndjson, parquet, xlsx

RANDOM = np.random.default_rng(5)
N = 240
"""So many rows that they are sent as columns."""
FRAME = pd.DataFrame(
    {
        "age": RANDOM.normal(40, 9, N).round(1),
        "visits": RANDOM.integers(0, 9, N),
        "zip": [f"0{n % 5}10" for n in range(N)],
        "word": ["NA" if n % 3 else "x" for n in range(N)],
        "member": [n % 2 == 0 for n in range(N)],
    }
)
FRAME["paid"] = np.where(FRAME["age"] + FRAME["visits"] > 44, "yes", "no")
ROWS = FRAME.to_dict("records")
ARROW = pa.Table.from_pandas(FRAME)
FILES = {
    "rows.ndjson": ndjson(ROWS),
    "rows.json": FRAME.to_json(orient="records", indent=1).encode(),
    "rows.ndjson.gz": gzip.compress(ndjson(ROWS)),
    "rows.parquet": parquet(ARROW, row_group_size=50),
    "rows.feather": feather(ARROW),
    "rows.arrows": arrow_stream(ARROW),
    "rows.xlsx": xlsx(list(FRAME.columns), *FRAME.itertuples(index=False)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    for name, content in FILES.items():
        (made / name).write_bytes(content)
    return made


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_is_the_frame_that_was_written(folder: Path, name: str) -> None:
    data = Data.from_file(folder / name, quiet=True)
    frame = Data.from_pandas(FRAME, quiet=True)
    assert data.table == frame.table
    assert (data.label, data.columns) == (frame.label, frame.columns)
    assert rows_from(data) == rows_from(frame) == rows_from_file(FILES[name])


def offered(data: Data) -> list[str]:
    calls = [one.remedy for one in data.notes] + [one.remedy for one in data.report().report.findings]
    return list(filter(None, calls))


@pytest.mark.parametrize("name", sorted(FILES))
def test_what_is_offered_for_a_file_can_be_pasted_with_its_path(folder: Path, name: str) -> None:
    """Nobody who has a file has a frame."""
    path = folder / name
    data = Data.from_file(path, kinds={"zip": "identifier"}, quiet=True)
    offers = offered(data)
    assert len(offers) > 1
    for offer in offers:
        assert isinstance(paste(offer, {"Data": Data, "path": path}), Data)


def test_what_is_offered_for_a_frame_can_be_pasted_with_the_frame() -> None:
    data = Data.from_pandas(FRAME, kinds={"zip": "identifier"}, quiet=True)
    offers = offered(data)
    assert len(offers) > 1
    for offer in offers:
        assert isinstance(paste(offer, {"Data": Data, "frame": FRAME}), Data)


@pytest.mark.parametrize("name", sorted(FILES))
def test_text_is_sent_as_it_is_and_columns_in_the_container(folder: Path, name: str) -> None:
    data = Data.from_file(folder / name, quiet=True)
    if "json" in name:
        assert data.content == FILES[name]
    else:
        assert is_container(data.content)
    assert data.content_type == "application/octet-stream"


def test_each_file_is_the_same_version(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = Model("logistic_regression", name="m", quiet=True)
    done = [model.upload_data(Data.from_file(folder / name, quiet=True)) for name in sorted(FILES)]
    assert [one.version for one in done] == [1] * len(FILES)
    model.train(iterations=3)
    model.deploy()
    answers = [model.predict(Data.from_file(folder / name, quiet=True)) for name in sorted(FILES)]
    expected = [one.label for one in model.predict(FRAME)]
    assert [[one.label for one in answer] for answer in answers] == [expected] * len(FILES)


def test_rows_that_are_wrong_are_counted_by_the_platform_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.ndjson").write_bytes(FILES["rows.ndjson"] + b"oops\n")
    data = Data.from_file("rows.ndjson", quiet=True)
    assert (len(data), data.set_aside[0].line) == (N, N + 1)
    report = Model("logistic_regression", name="m", quiet=True).upload_data(data).report
    assert report is not None and "set aside" in str(report)
    given = rows_from(data)
    assert given.of_file is not None and given == rows_from_file(Path("rows.ndjson").read_bytes())
    assert [str(error) for error in given.of_file.unread.values()] == [
        f"line {N + 1}: this is no JSON: Expecting value"
    ]


def test_a_sheet_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = tmp_path / "book.xlsx"
    book.write_bytes(xlsx(a=[["x", "y"], [1, 2], [2, 3]], b=[["u", "v"], [1, 2], [2, 3]]))
    assert Data.from_file(book).columns == ("x", "y")
    assert "otherwise: Data.from_csv(path, sheet='b')" in capsys.readouterr().err
    data = Data.from_file(book, sheet="b", quiet=True)
    assert data.columns == ("u", "v") and data.said == {"sheet": "b"}
    with pytest.raises(InvalidInput, match="there is no sheet 'c'"):
        Data.from_file(book, sheet="c")


def test_the_command_takes_them_too(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)

    def lepton(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return out

    lepton("create", "churn", "--algorithm", "logistic_regression")
    assert f"version 1: {N} rows" in lepton("upload", "churn", str(folder / "rows.ndjson"))
    assert f"version 1: {N} rows" in lepton("upload", "churn", str(folder / "rows.xlsx"), "--sheet", "Sheet")
    lepton("train", "churn")
    lepton("deploy", "churn")
    one, other = (
        lepton("predict", "churn", str(folder / f"rows.{end}"), "--csv") for end in ("json", "parquet")
    )
    assert one == other and len(one.splitlines()) == N + 1


def test_a_frame_written_by_pandas_is_read_back(tmp_path: Path) -> None:
    hours = pd.date_range("2024-01-01", periods=9, freq="h")
    frame = pd.DataFrame({"when": hours, "x": range(9), "y": list("abcabcabc")})
    for name, write in {"a.parquet": frame.to_parquet, "a.feather": frame.to_feather}.items():
        write(tmp_path / name)
        assert Data.from_file(tmp_path / name, quiet=True).table == Data.from_pandas(frame, quiet=True).table
