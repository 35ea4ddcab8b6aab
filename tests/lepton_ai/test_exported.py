"""A version in a file predicts what its platform predicts, to the same bits, without one."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lepton_ai
from app import app
from infra.local.server import listen
from infra.local.stack import Stack
from lepton_ai import Data, ExportedModel, Model
from lepton_ai.cli import main
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.errors import (
    InvalidArtifact,
    InvalidData,
    InvalidInput,
    LeptonError,
    NewerFormat,
    Unavailable,
)
from lepton_ai.http import HttpTransport
from lepton_core.artifact import read_container, write_container
from lepton_core.models import ALGORITHMS
from tests.formats import versions
from tests.formats.opened import expected, opened, unpack
from tests.lepton_ai.test_every_algorithm import CASES, table
from tests.support.algorithms import quick
from tests.support.stores import disk_store, memory_store
from tests.support.world import World, world

MADE = Path(__file__).parents[1] / "formats" / "v2"
HEAVY = ("boto3", "botocore", "chalice", "functions", "infra", "pandas", "scipy", "sklearn", "urllib3")
TABLE = [
    "age,since,member,plan,remark,waited,label",
    *(
        f"{20 + k},2024-{k % 12 + 1:02d}-{k % 28 + 1:02d},{k % 2 == 0},{'basic' if k % 3 else 'gold'},"
        f"called {'late' if k % 5 == 0 else 'in time'} and {'left' if k % 7 < 3 else 'stayed'},{k % 4}:30:00,"
        f"{k % 7 < 3}"
        for k in range(150)
    ),
]
ODD = [
    {
        "age": 31,
        "since": "2024-05-01",
        "member": True,
        "plan": "basic",
        "remark": "called late",
        "waited": "1:30:00",
    },
    {"age": None, "since": None, "member": None, "plan": None, "remark": None, "waited": None},
    {"age": "47", "member": "yes", "plan": "silver", "zip": "01010", "remark": "left and stayed"},
]


def transport(here: World) -> EmbeddedTransport:
    return EmbeddedTransport(Path("nowhere"), lambda _: Stack(app, here.platform, lambda: None))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with disk_store(unpack(MADE, tmp_path_factory.mktemp("v2"))) as store:
        yield opened(store, expected(MADE))


@pytest.fixture
def empty() -> EmbeddedTransport:
    return transport(world(memory_store()))


def both(model: Model, folder: Path) -> tuple[Model, ExportedModel]:
    """The model, deployed, and its newest version out of its file."""
    model.deploy()
    return model, lepton_ai.load(model.export(folder / "m.lepton"), quiet=True)


@pytest.mark.parametrize("name", versions.SERVED)
def test_a_blend_and_calibrated_and_ruled_versions_predict_alike(
    here: World, name: str, tmp_path: Path
) -> None:
    model = Model(name=name, quiet=True, transport=transport(here))
    served = model.champion
    assert served is not None
    alone = lepton_ai.load(model.export(tmp_path / "v.lepton", served), quiet=True)
    rows = versions.ROWS.get(name, versions.MIXED)
    sure = [{"coverage": 0.9}] if name in versions.SURE else []
    for options in ({}, {"explain": True}, *sure):
        assert alone.predict(rows, **options) == model.predict(rows, **options)
        many = [row for row in rows for _ in range(100)]
        assert alone.predict(many, **options) == model.predict(many, **options)
        assert alone.predict(rows[0], **options) == model.predict(rows[0], **options)
    assert alone.predict(rows).rule == model.predict(rows).rule
    with pytest.raises(InvalidInput) as there:
        model.predict(rows, coverage=0.2)
    with pytest.raises(InvalidInput) as refused:
        alone.predict(rows, coverage=0.2)
    # The platform knows how the version was trained, and says so in the training that it offers.
    said, wanted = (one.value.message.partition(": model.")[0] for one in (refused, there))
    assert (refused.value.field, said) == (there.value.field, wanted)
    record = next(one for one in model.versions() if one.version == served)
    head = alone.head
    assert (alone.version, alone.algorithm, alone.task) == (served, record.algorithm, record.task)
    assert (head.judged.digest, head.answers.digest) == (record.judged.digest, record.served.digest)


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("name", "task", "kind"), CASES)
def test_every_algorithm_predicts_alike(
    empty: EmbeddedTransport, tmp_path: Path, name: str, task: str, kind: dict[str, str]
) -> None:
    model = Model(name, "m", task=task, quiet=True, transport=empty)
    data = table(tmp_path / "data.csv", task, 1)
    model.upload_data(data)
    model.train(weight="weight", **(kind or quick(ALGORITHMS[name])))
    model, alone = both(model, tmp_path)
    rows = [{"a": 2.0, "b": 2.0, "colour": "red"}, {"a": -2.0, "b": None, "colour": "violet"}]
    for given in (rows, data, tmp_path / "data.csv"):
        found, wanted = alone.predict(given), model.predict(given)
        assert found == wanted and found.notes == wanted.notes and found.rule == wanted.rule
    try:
        explained = model.predict(rows, explain=True)
    except InvalidInput as error:
        with pytest.raises(InvalidInput) as refused:
            alone.predict(rows, explain=True)
        assert (refused.value.message, refused.value.field) == (error.message, error.field)
    else:
        assert alone.predict(rows, explain=True) == explained
    assert alone.label == "label" and alone.schema.names == ("a", "b", "colour")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, ExportedModel, Path]:
    """A table of all kinds of columns with gaps, whose label is a truth value, with a rule for labels."""
    folder = tmp_path_factory.mktemp("mixed")
    lines = list(TABLE)
    lines[4] = ",,,,,," + lines[4].rsplit(",", 1)[1]
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    model = Model("gradient_boosting", "m", quiet=True, transport=transport(world(memory_store())))
    model.upload_data(Data.from_csv(folder / "data.csv", "label", quiet=True, missing=["", "-"]))
    model.train(iterations=10, uncertainty=True)
    model.set_threshold(recall=0.9)
    return *both(model, folder), folder


def test_texts_dates_truth_values_and_gaps_are_predicted_alike(
    mixed: tuple[Model, ExportedModel, Path],
) -> None:
    model, alone, folder = mixed
    frame = pd.DataFrame(ODD)
    many = pd.concat([frame] * 60)
    nested = [{"age": 31, "plan": "basic", "photo": [1], "at": {"zip": "1"}, "remark": "late"}]
    lists = [[31, "2024-05-01", True, "basic", "called late", "1:30:00"]]
    for given in (ODD, frame, many, nested, lists, folder / "data.csv", ODD[0], frame.iloc[0]):
        found, wanted = alone.predict(given), model.predict(given)
        assert found == wanted and found.notes == wanted.notes and found.rule == wanted.rule is not None
        assert alone.predict(given, coverage=0.9) == model.predict(given, coverage=0.9)
    assert alone.classes == ("False", "True")
    assert alone.kept_reading().missing == ("", "-")


def test_a_file_with_rows_that_cannot_be_read_says_so_alike(mixed: tuple[Model, ExportedModel, Path]) -> None:
    model, alone, folder = mixed
    wrong = folder / "wrong.csv"
    wrong.write_text(
        "\n".join([*TABLE[:3], "old,x,y,z", TABLE[5].replace("24,", "old,", 1), TABLE[6]]) + "\n"
    )
    found, wanted = alone.predict(wrong), model.predict(wrong)
    assert found == wanted and found.errors == wanted.errors and len(found.errors) == 2
    objects = folder / "wrong.jsonl"
    objects.write_text('{"age": 31, "plan": ["x"]}\n{"age": 32, "plan": "gold"}\n{"zip": 1}\n')
    assert alone.predict(objects) == model.predict(objects)


@pytest.mark.parametrize(
    "given",
    [
        [{"age": "old"}, {"age": [1]}, {"since": "x"}],
        {"age": b"31"},
        {"zip": 1},
        [],
        [[1, 2]],
        [{"age": float("inf")}],
        {"age": {"deep": {"er": 1}}},
        {"remark": "\ud800"},
        3,
        "nowhere.csv",
    ],
    ids=str,
)
def test_rows_are_refused_with_the_same_words(mixed: tuple[Model, ExportedModel, Path], given: Any) -> None:
    model, alone, _ = mixed
    with pytest.raises(LeptonError) as there:
        model.predict(given)
    with pytest.raises(LeptonError) as refused:
        alone.predict(given)
    assert type(refused.value) is type(there.value)
    assert refused.value.failure == there.value.failure


def test_the_card_is_the_one_of_the_platform(mixed: tuple[Model, ExportedModel, Path]) -> None:
    model, alone, folder = mixed
    written = alone.card(folder / "alone.html")
    assert written.read_text("utf-8") == model.card(folder / "there.html").read_text("utf-8")
    assert repr(alone) == "<ExportedModel 'm', version 1: gradient_boosting>"
    assert "recall" in str(alone.head.wish) and alone.head.notes[0].startswith("'")


def test_loading_and_predicting_need_neither_the_platform_nor_heavy_libraries(
    mixed: tuple[Model, ExportedModel, Path],
) -> None:
    model, _, folder = mixed
    code = (
        "import sys, lepton_ai\n"
        "model = lepton_ai.load('m.lepton')\n"
        f"print(model.predict({ODD[0]!r}, coverage=0.9), len(model.predict('data.csv')))\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "LEPTON_URL": "https://nowhere.example"},
    )  # fmt: skip
    assert done.stdout.splitlines() == [f"{model.predict(ODD[0], coverage=0.9)} 150", "[]"]
    assert not (folder / ".lepton").exists()


def test_over_http_it_is_the_same_file_and_one_that_breaks_off_is_refused(
    here: World, tmp_path: Path
) -> None:
    secret = here.ok("POST", "/v1/keys", {"name": "taking out", "scopes": ["read"]})["secret"]
    server = listen(app, here.again(owner=None).platform)
    ready = threading.Event()
    serving = threading.Thread(target=server.run, args=[ready.set])
    serving.start()
    try:
        ready.wait()
        away = Model(name="platt", quiet=True, transport=HttpTransport(server.url, secret))
        written = away.export(tmp_path / "away.lepton")
    finally:
        server.stop()
        serving.join()
    inside = Model(name="platt", quiet=True, transport=transport(here)).export(tmp_path / "inside.lepton")
    assert written.read_bytes() == inside.read_bytes()

    class Broken(EmbeddedTransport):
        def call(self, method: str, path: str, **sent: Any) -> Any:
            found = super().call(method, path, **sent)
            return found[:-1] if isinstance(found, bytes) else found

    broken = Broken(Path("nowhere"), lambda _: Stack(app, here.platform, lambda: None))
    with pytest.raises(Unavailable, match="did not come whole"):
        Model(name="platt", quiet=True, transport=broken).export(tmp_path / "broken.lepton")
    assert not (tmp_path / "broken.lepton").exists()


def test_a_file_that_cannot_be_written_changes_nothing(
    mixed: tuple[Model, ExportedModel, Path], tmp_path: Path
) -> None:
    model, _, _ = mixed
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for path in (
        tmp_path / "folder",
        tmp_path / "nowhere" / "m.lepton",
        3,
        tmp_path / "a\0b",
        tmp_path / ("x" * 300),
    ):
        with pytest.raises(InvalidInput) as refused:
            model.export(path)  # type: ignore[arg-type]
        assert refused.value.field == "path"
    with pytest.raises(LeptonError, match="has no version 9"):
        model.export(tmp_path / "nine.lepton", 9)
    with pytest.raises(LeptonError, match="has no version yet"):
        Model("svm", "untrained", quiet=True, transport=model._transport).export(tmp_path / "none.lepton")
    assert sorted(tmp_path.rglob("*")) == before
    kept = tmp_path / "kept.lepton"
    kept.write_text("what was there")
    assert model.export(kept) == kept and len(list(tmp_path.iterdir())) == 2
    assert lepton_ai.load(kept).version == 1


Lepton = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lepton(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lepton:
    """Run the command in an empty folder; its exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_the_command_writes_a_file_and_predicts_with_it_alone(lepton: Lepton, tmp_path: Path) -> None:
    model = Model("logistic_regression", "m", quiet=True)
    model.upload_data(table(tmp_path / "data.csv", "classification", 1))
    model.train(iterations=5)
    model.deploy()
    status, out, _ = lepton("export", "m")
    size = (tmp_path / "m.lepton").stat().st_size
    assert (status, out) == (0, f"m written to m.lepton: {size / 1000:.1f} kB\n")
    status, out, _ = lepton("export", "m", "--version", "1", "-o", "again.lepton", "--json")
    assert (status, out) == (0, f'{{"file":"again.lepton","bytes":{size}}}\n')
    assert (tmp_path / "again.lepton").read_bytes() == (tmp_path / "m.lepton").read_bytes()
    row = ("--row", "a=1,b=2,colour=red")
    for rows in (row, ("data.csv", "--csv"), (*row, "--json"), (*row, "--explain")):
        wanted = lepton("predict", "m", *rows)
        assert wanted[0] == 0
        assert lepton("predict", "--file", "m.lepton", *rows) == wanted
    for wrong in (
        ("predict", "--file", "m.lepton", "m", "data.csv"),
        ("predict",),
        ("export", "m", "-o", "nowhere/m.lepton"),
        ("export", "m", "-o", "."),
    ):
        assert lepton(*wrong)[0] == 2
    status, _, err = lepton("predict", "--file", "data.csv", "data.csv")
    assert (status, "data.csv: not a model file" in err) == (1, True)
    status, _, err = lepton("predict", "--file", "m.lepton", *row, "--coverage", "0.9")
    assert (status, "trained without sets" in err, "again.lepton" in err) == (1, True, False)
    status, _, err = lepton("export", "m", "--version", "7")
    assert (status, "has no version 7" in err) == (1, True)


def test_a_file_that_is_no_export_is_refused_by_its_name(
    mixed: tuple[Model, ExportedModel, Path], tmp_path: Path
) -> None:
    whole = (mixed[2] / "m.lepton").read_bytes()
    wrong = tmp_path / "wrong.lepton"
    arrays, meta = read_container(whole)
    newer = write_container(arrays, {**meta, "export": 99})
    for data, kind in ((b"", InvalidArtifact), (whole[:-9], InvalidArtifact), (newer, NewerFormat)):
        wrong.write_bytes(data)
        with pytest.raises(kind, match=r"wrong\.lepton: "):
            lepton_ai.load(wrong)
    with pytest.raises(InvalidInput, match="no such file"):
        lepton_ai.load(tmp_path / "missing.lepton")
    with pytest.raises(InvalidInput, match="cannot read"):
        lepton_ai.load(tmp_path)


def test_a_file_of_rows_in_place_of_the_model_is_named_with_the_call_that_predicts_it(
    tmp_path: Path, lepton: Lepton
) -> None:
    rows = tmp_path / "new rows.csv"
    rows.write_text("age,plan\n41,basic\n")
    with pytest.raises(InvalidArtifact, match="not a model file, but a table of rows, such as CSV") as caught:
        lepton_ai.load(rows)
    assert [one.said for one in caught.value.remedies] == [f"load(path).predict({str(rows)!r})"]
    assert caught.value.remedies[0].said in str(caught.value)
    status, _, err = lepton("predict", "--file", str(rows), str(rows))
    assert status and f"lepton predict --file FILE '{rows}'" in err and "header" not in err


def test_the_size_is_said(mixed: tuple[Model, ExportedModel, Path], tmp_path: Path, capsys: Any) -> None:
    model = Model(name="m", transport=mixed[0]._transport)
    written = model.export(tmp_path / "said.lepton")
    size = written.stat().st_size
    assert f"version 1 of m written to {written}: {size / 1000:.1f} kB" in capsys.readouterr().err


def test_numbers_far_from_all_rows_are_answered_alike(mixed: tuple[Model, ExportedModel, Path]) -> None:
    model, alone, _ = mixed
    ages: list[Any] = [10**30, -(10**18), 2**63, 1e308, 5e-324, -0.0, True, "1e5", np.float32(31.5)]
    for age in ages:
        given = {"age": age}
        try:
            wanted = model.predict(given)
        except InvalidData as error:
            with pytest.raises(InvalidData, match=r".") as refused:
                alone.predict(given)
            assert refused.value.message == error.message
        else:
            assert alone.predict(given) == wanted
