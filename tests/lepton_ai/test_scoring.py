"""`Model.predict_file`: the platform scores a whole file, and the result is there whole or not at all."""

import csv
from pathlib import Path
from typing import Any

import pytest

from app import app
from infra.local.stack import Stack
from lepton_ai import InvalidData, InvalidInput, Model, NotFound, Unavailable
from lepton_ai.embedded import EmbeddedTransport
from tests.support.stores import disk_store
from tests.support.world import World, two_classes, world

ROWS = "id,a,b\n7,1,2\n8,much,3\n9,4,5\n"


@pytest.fixture
def here(tmp_path: Path) -> Any:
    with disk_store(tmp_path / "store") as store:
        made = world(store)
        made.trained(two_classes(60), iterations=5)
        yield made


@pytest.fixture
def model(here: World) -> Model:
    inside = EmbeddedTransport(Path("nowhere"), lambda _: Stack(app, here.platform, lambda: None))
    made = Model(name="m", quiet=True, transport=inside)
    made.deploy()
    return made


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def left(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.is_file())


def test_the_result_has_the_columns_of_the_file_and_the_bits_of_a_prediction(
    model: Model, rows: Path, tmp_path: Path
) -> None:
    found = model.predict_file(rows, tmp_path / "scored.csv")
    assert (found.path, found.model, found.version) == (tmp_path / "scored.csv", "m", 1)
    assert (found.rows, found.refused, found.as_it_came, found.ignored) == (3, 1, True, ("id",))
    with found.path.open() as file:
        lines = list(csv.DictReader(file))
    wanted = model.predict(rows)
    assert [row["id"] for row in lines] == ["7", "8", "9"]
    assert [row["label"] or None for row in lines] == wanted.labels
    shares = [one.get("yes") for one in wanted.probabilities]
    assert [row["P(yes)"] for row in lines] == [repr(shares[0]), "", repr(shares[2])]
    assert lines[1]["error"] == str(wanted.errors[0])
    assert left(tmp_path) == ["rows.csv", "scored.csv"]
    assert str(found).endswith("1 of them without a prediction")


def test_what_is_there_stays_unless_it_may_be_overwritten(model: Model, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    out.write_text("mine")
    with pytest.raises(InvalidInput, match="there already") as refused:
        model.predict_file(rows, out)
    assert (refused.value.field, out.read_text()) == ("path", "mine")
    model.predict_file(rows, out, overwrite=True)
    assert out.read_text().startswith("id,a,b,label,")


def test_the_file_of_rows_is_never_replaced_by_its_result(model: Model, rows: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(rows)
    for out in (rows, link):
        with pytest.raises(InvalidInput, match="the file of rows itself") as refused:
            model.predict_file(rows, out, overwrite=True)
        assert refused.value.field == "path"
    assert rows.read_text() == ROWS


def test_a_file_that_lies_where_a_part_of_the_result_might_stays(
    model: Model, rows: Path, tmp_path: Path
) -> None:
    (tmp_path / "scored.csv.part").write_text("mine")
    model.predict_file(rows, tmp_path / "scored.csv")
    assert (tmp_path / "scored.csv.part").read_text() == "mine"
    assert left(tmp_path) == ["rows.csv", "scored.csv", "scored.csv.part"]


@pytest.mark.parametrize("name", ["x" * 240 + ".csv", "a\nb.csv", "a\\b.csv", "é ü.csv"])
def test_a_file_may_have_any_name_that_its_disk_takes(model: Model, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(ROWS)
    assert model.predict_file(path, tmp_path / "scored.csv").rows == 3


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("a,b\n", InvalidData, "no rows"),
        ("zip\n1\n", InvalidData, "'a', 'b'"),
        ("", InvalidInput, "is empty"),
    ],
)
def test_a_file_that_cannot_be_scored_writes_nothing(
    model: Model, tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)
    with pytest.raises(error, match=said):
        model.predict_file(path, tmp_path / "scored.csv")
    assert left(tmp_path) == ["rows.csv"]


def test_a_version_that_is_named_scores_and_one_that_is_not_there_does_not(
    here: World, model: Model, rows: Path, tmp_path: Path
) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 2, "refit": False})
    assert model.predict_file(rows, tmp_path / "two.csv", version=2).version == 2
    with pytest.raises(NotFound, match="no version 9"):
        model.predict_file(rows, tmp_path / "nine.csv", version=9)
    with pytest.raises(InvalidInput, match="no such file"):
        model.predict_file(tmp_path / "none.csv", tmp_path / "none-scored.csv")
    with pytest.raises(InvalidInput, match="there is no folder"):
        model.predict_file(rows, tmp_path / "no" / "scored.csv")
    assert left(tmp_path) == ["rows.csv", "two.csv"]


class Forgetful(EmbeddedTransport):
    """Does not answer to what is to be removed."""

    def call(self, method: str, path: str, *args: Any, **options: Any) -> Any:
        if method == "DELETE":
            raise Unavailable("nobody answers")
        return super().call(method, path, *args, **options)


def test_a_result_that_was_fetched_is_no_error_whatever_comes_after(
    here: World, model: Model, rows: Path, tmp_path: Path
) -> None:
    inside = Forgetful(Path("nowhere"), lambda _: Stack(app, here.platform, lambda: None))
    other = Model(name="m", quiet=True, transport=inside)
    assert other.predict_file(rows, tmp_path / "scored.csv").rows == 3


def test_the_platform_keeps_no_copy_of_what_was_fetched(
    here: World, model: Model, rows: Path, tmp_path: Path
) -> None:
    model.predict_file(rows, tmp_path / "scored.csv")
    assert not [key for key in here.platform.blobs.keys("default/") if "/scor" in key]
