"""Data of two files: what the caller sees of them, and that the whole path from them to a version is the same."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lepton_ai import Data, DataPreprocessor, Dataset, InvalidData, InvalidInput, Model
from lepton_ai.content import Content, digest_of
from lepton_ai.embedded import EmbeddedTransport


def frame(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    a, job = rng.normal(size=rows).round(3), rng.choice(["clerk", "baker"], rows)
    return pd.DataFrame({"a": a, "job": job, "label": np.where(a + (job == "baker") > 0.5, "yes", "no")})


@pytest.fixture
def transport(tmp_path: Path) -> Iterator[EmbeddedTransport]:
    made = EmbeddedTransport(tmp_path / "platform")
    yield made
    made.close()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "train.csv", tmp_path / "test.csv"
    for path, rows, seed in zip(paths, (80, 30), (0, 1), strict=True):
        frame(rows, seed).to_csv(path, index=False)
    return paths


def test_data_are_the_rows_to_train_on_and_beside_them_those_held_out(files: tuple[Path, Path]) -> None:
    train, test = files
    data = Data.from_csv(train, held_out=test, quiet=True)
    assert data.table == Data.from_csv(train, quiet=True).table
    assert data.held_out == Data.from_csv(test, quiet=True).table
    assert data.content == train.read_bytes() + test.read_bytes()
    assert (len(data), data.said) == (80, {"held_out": len(test.read_bytes())})
    assert repr(data).endswith(f", label 'label', 30 rows of {test} held out>")
    assert Data.from_csv(train, quiet=True).held_out is None
    assert {"held_out"} <= {one.code for one in data.report().findings}


def test_a_preprocessor_that_is_fitted_to_data_does_not_see_the_held_out_rows(
    files: tuple[Path, Path],
) -> None:
    fitted = [
        DataPreprocessor().add_transformer("Normalize", input="a").fit(data).as_dict()
        for data in (
            Data.from_csv(files[0], held_out=files[1], quiet=True),
            Data.from_csv(files[0], quiet=True),
        )
    ]
    assert fitted[0] == fitted[1]


def test_files_frames_and_arrays_make_versions_of_the_same_rows(
    files: tuple[Path, Path], transport: EmbeddedTransport
) -> None:
    one, two = frame(80, 0), frame(30, 1)
    given = {
        "files": Data.from_csv(files[0], held_out=files[1], quiet=True),
        "frames": Data.from_pandas(one, held_out=two, quiet=True),
        "arrays": Data.from_arrays(
            one[["a", "job"]], one["label"], held_out=(two[["a", "job"]], two["label"])
        ),
    }
    found = []
    for name, data in given.items():
        done = Dataset(name, transport=transport).upload(data, quiet=True)
        assert (done.rows, done.held_out, str(done)) == (
            110, 30, f"data {name} version 1: 110 rows, 30 of them held out, label label",
        )  # fmt: skip
        [version] = Dataset(name, transport=transport).versions()
        found.append(Dataset(name, transport=transport).head(200))
        assert "110 rows, 30 of them held out" in str(version)
        assert "110 rows, 30 of them held out" in str(Dataset(name, transport=transport).describe())
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 110


def test_a_version_is_measured_on_the_second_file(
    files: tuple[Path, Path], transport: EmbeddedTransport
) -> None:
    model = Model("logistic_regression", name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(files[0], held_out=files[1], quiet=True))
    version = model.train()
    assert version.split is not None
    assert version.split.rule == "file-1"
    assert version.held_out is not None
    assert sum(one.rows for one in version.held_out.per_class.values()) == 30
    model.deploy()
    predicted = [one.label for one in model.predict(frame(30, 1).drop(columns="label"))]
    assert version.metrics["accuracy"] == np.mean(
        [a == b for a, b in zip(predicted, frame(30, 1)["label"], strict=True)]
    )


def test_a_file_of_another_form_may_be_the_second_one(files: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "test.json"
    frame(30, 1).to_json(path, orient="records")
    data = Data.from_csv(files[0], held_out=path, quiet=True)
    assert data.held_out == Data.from_csv(files[1], quiet=True).table


def test_what_is_wrong_with_the_second_file_names_it_before_anything_is_sent(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,job,label\n1,clerk,no\nx,clerk,yes\n")
    with pytest.raises(InvalidData, match=r"other\.csv: row 2, column 'a': 1 of 2 cells are no number"):
        Data.from_csv(files[0], held_out=path, quiet=True)
    with pytest.raises(InvalidInput, match=r"no such file: nothere\.csv"):
        Data.from_csv(files[0], held_out="nothere.csv")
    with pytest.raises(InvalidInput, match="needs a DataFrame, not str") as caught:
        Data.from_pandas(frame(8, 0), held_out="test.csv")
    assert caught.value.field == "held_out"
    with pytest.raises(InvalidData, match="the held-out DataFrame: column 'job': is missing"):
        Data.from_pandas(frame(8, 0), held_out=frame(8, 1).drop(columns="job"), quiet=True)


def test_of_two_large_files_each_is_read_again_and_one_that_was_changed_is_not_sent(tmp_path: Path) -> None:
    paths = tmp_path / "train.csv", tmp_path / "test.csv"
    for path, text in zip(paths, (b"a,b", b"c,d"), strict=True):
        path.write_bytes(text)
    parts = [Content(digest_of(path.read_bytes()), 3, None, path) for path in paths]
    content = Content.joined(*parts)
    assert (content.read(), content.size, b"".join(content.pieces())) == (b"a,bc,d", 6, b"a,bc,d")
    content.demand_same(digest_of(b"a,bc,d"))
    paths[1].write_bytes(b"c,e")
    with pytest.raises(InvalidInput, match="was changed since it was read"):
        content.read()
