"""The report as people see it: text, a page of a notebook, the command."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lepton_ai import Conflict, Data, Dataset, InvalidData, LeptonError, Model, datasets
from lepton_ai.cli import main
from lepton_core.table import BY_NAME


def write(path: Path, *, flipped: bool = False, seed: int = 0, rows: int = 600) -> Path:
    rng = np.random.default_rng(seed)
    paid = rng.random(rows) < 0.5
    colours = np.where(rng.random(rows) < 0.5, "red", "<script>alert(1)</script>")
    lines = [
        f"{1.5 * one + rng.normal():.4f},{colour},{one != flipped}"
        for one, colour in zip(paid, colours, strict=True)
    ]
    path.write_text("\n".join(["<b>a</b>,colour,paid", *lines]))
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)
    return tmp_path


def test_a_page_holds_no_markup_of_the_data(tmp_path: Path) -> None:
    report = Data.from_csv(write(tmp_path / "one.csv"), label="paid", quiet=True).report()
    page = report._repr_html_()
    assert "<script" not in page
    assert "<b>a</b>" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;a&lt;/b&gt;" in page


def test_text_and_values_say_the_same(tmp_path: Path) -> None:
    rows = [f"{i % 7}.5,{'8' if i % 2 else '9'},{'yes' if i % 2 else 'no'}" for i in range(100)]
    path = tmp_path / "one.csv"
    path.write_text("\n".join(["a,copy,paid", *rows]))
    report = Data.from_csv(path, label="paid", quiet=True).report()
    assert report.title().endswith("one.csv: 100 rows, 3 columns, label paid")
    [leak] = report.warnings
    shown = " ".join(str(report).split())
    assert leak.message in shown
    assert leak.remedy in report.short()
    assert report.to_dict()["report"]["findings"][0]["code"] == "leak"
    assert all(one.name in shown and one.why in shown for one in report.report.columns)
    assert "lepton data release" not in str(report)


def test_many_findings_of_one_kind_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    row = ",".join(["1"] * 10)
    path.write_text(
        "\n".join([",".join(f"c{i}" for i in range(10)) + ",paid", *[f"{row},no\n{row},yes"] * 20])
    )
    report = Data.from_csv(path, label="paid", quiet=True).report()
    assert len([one for one in report.warnings if one.code == "constant"]) == 10
    assert report.short().count("constant:") == 1
    assert "'c9'" in report.short()


def test_nothing_in_the_data_moves_a_cursor_turns_a_line_or_fills_the_screen(tmp_path: Path) -> None:
    strange = ["\x1b[2J", "\u202eevil", "a" * 10_000, "<script>"]
    path = tmp_path / "one.csv"
    cells = ",".join(f"{one}{{0}}" for one in strange)
    path.write_text(
        "\n".join(
            [",".join([*strange, "paid"]), *(f"{cells.format(i % 4)},{'ny'[i % 2]}" for i in range(100))]
        )
    )
    report = Data.from_csv(path, label="paid", quiet=True).report()
    for shown in (str(report), report.with_commands(), report.short()):
        assert all(one.isprintable() for one in shown.replace("\n", ""))
        assert max(map(len, shown.splitlines())) < 500
    page = report._repr_html_()
    assert not {"\x1b", "\u202e"} & set(page)
    assert "<script" not in page
    assert len(page) < 20_000


def test_text_is_80_columns_wide_but_for_what_is_to_be_pasted(tmp_path: Path) -> None:
    text = str(Data.from_csv(write(tmp_path / "one.csv"), label="paid", quiet=True).report())
    assert max(len(line) for line in text.splitlines() if not line.startswith("      ")) <= 80


LOOKS = {
    "codes": "{0}",
    "coded fractions": "{0}.5",
    "words": "w{0}",
    "truth": "{1}",
    "money": '"$1,20{0}"',
    "days": "2024-01-1{0}",
    "moments": "2024-01-1{0}T10:0{0}:00.00012{0}+02:00",
    "lengths": "{0} min 3 s",
    "mail": "someone{2}@example.org",
    "sentences": "Nobody came on day {2}, and nothing was to be seen.",
    "nothing": "",
    "one value": "7",
}


@pytest.mark.parametrize("kind", [None, *sorted(BY_NAME)])
@pytest.mark.parametrize("look", LOOKS)
def test_a_column_of_any_kind_can_be_shown_whatever_its_cells_look_like(
    look: str, kind: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "one.csv"
    rows = [LOOKS[look].format(i % 9, i % 2, i) + f",{i % 9},{'ny'[i // 3 % 2]}" for i in range(120)]
    path.write_text("\n".join(["x,other,paid", *rows]))
    kinds = {"x": kind} if kind not in {None, "empty"} else None
    try:
        data = Data.from_csv(path, label="paid", kinds=kinds, quiet=True)
    except InvalidData:  # no cell is of the kind that was said
        assert kind is not None
        return
    report = data.report()
    for shown in (str(report), report.with_commands(), report._repr_html_(), data.summary()):
        assert "other" in shown


def test_moments_are_shown_as_moments(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    moments = [f"2024-01-{1 + i // 24:02}T{i % 24:02}:00:00.097001+02:00,{'ny'[i % 2]}" for i in range(240)]
    path.write_text("\n".join(["at,paid", *moments]))
    report = Data.from_csv(path, label="paid", quiet=True).report()
    assert "2023-12-31T22:00:00 to 2024-01-10T21:00:00" in report._repr_html_() + str(report)


def test_the_classes_that_are_not_shown_are_all_counted(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("\n".join(["x,town", *(f"{i % 7},town {i % 300}" for i in range(900))]))
    report = Data.from_csv(path, label="town", quiet=True).report()
    assert "and 295 more" in " ".join(str(report).split())


def test_of_very_many_columns_those_are_shown_of_which_something_is_said(tmp_path: Path) -> None:
    many, rng = 2000, np.random.default_rng(0)
    rows = rng.integers(0, 9, (60, many)).astype(str)
    rows[:, 700] = "7"
    path = tmp_path / "one.csv"
    lines = [",".join(f"c{i}" for i in range(many)) + ",paid"]
    lines += [",".join(row) + f",{'ny'[i % 2]}" for i, row in enumerate(rows.tolist())]
    path.write_text("\n".join(lines))
    report = Data.from_csv(path, label="paid", quiet=True).report()
    assert len(str(report).splitlines()) < 150
    assert len(report._repr_html_()) < 60_000
    assert "c700 " in str(report)
    assert "more columns" in str(report)


@pytest.mark.slow
def test_a_version_that_is_held_says_so_until_it_is_released(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Model("logistic_regression", name="m")
    assert model.upload_data(Data.from_csv(write(folder / "one.csv"), label="paid")).held is False
    capsys.readouterr()
    done = model.upload_data(Data.from_csv(write(folder / "two.csv", flipped=True, seed=1), label="paid"))
    assert done.held
    assert "the labels look flipped" in capsys.readouterr().err
    assert done.report is not None
    assert "lepton data release m 2" in str(done.report)
    model.train(iterations=2)
    assert "data m version 2 is held" in capsys.readouterr().err
    data = Dataset("m")
    data.release(2)
    assert [one.state for one in data.versions()] == ["open", "released"]
    assert "lepton data release" not in str(data.report())
    assert [one.name for one in datasets()] == ["m"]
    assert data.models == ["m"]
    assert [set(row) for row in data.head(2)] == [{"<b>a</b>", "colour", "paid"}] * 2


def test_a_model_in_the_hand_goes_on_under_the_name_that_somebody_else_gave(folder: Path) -> None:
    model = Model("logistic_regression", name="m", quiet=True)
    first, second = (write(folder / f"{seed}.csv", seed=seed) for seed in (0, 1))
    data = Dataset("m")
    data.upload(Data.from_csv(first, label="paid"), quiet=True)
    data.rename("people")
    assert (data.name, data.latest, data.models) == ("people", 1, ["m"])
    done = model.upload_data(Data.from_csv(second, label="paid"))
    assert (done.dataset, done.version, model.dataset) == ("people", 2, "people")
    another = Dataset("m")
    another.upload(Data.from_csv(first, label="paid"), quiet=True)
    with pytest.raises(Conflict, match="there is a dataset 'people'"):
        another.rename("people")


def test_a_file_that_became_no_version_is_found_with_the_reason(folder: Path) -> None:
    data = Dataset("m")
    data.upload(Data.from_csv(write(folder / "one.csv"), label="paid"), quiet=True)
    with pytest.raises(LeptonError) as caught:
        data.upload(Data.from_csv(folder / "one.csv", label="colour"), append=True, quiet=True)
    (found,) = data.rejected()
    assert found.error.message in str(caught.value) and str(found).startswith("up-")


@pytest.mark.slow
def test_the_command_shows_and_releases(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def lepton(*arguments: str) -> Any:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out = capsys.readouterr().out
        assert ended.value.code == 0, out
        return json.loads(out) if "--json" in arguments else out

    lepton("create", "m", "--algorithm", "logistic_regression")
    first = str(write(folder / "one.csv"))
    uploaded = lepton("upload", "m", first, "--label", "paid", "--kind", "colour=text", "--json")
    assert uploaded["report"]["columns"][1]["kind"] == "text"
    lepton("upload", "m", str(write(folder / "two.csv", flipped=True, seed=1)), "--json")
    assert lepton("data", "list", "--json")[0]["latest"] == 2
    assert lepton("data", "report", "m", "--json")["held"] is True
    assert "flipped_labels" in lepton("data", "report", "m", "2")
    assert "held" in lepton("data", "show", "m")
    lepton("data", "release", "m", "2")
    assert "released" in lepton("data", "show", "m")
    assert len(lepton("data", "head", "m", "--rows", "3", "--json")) == 3
    assert lepton("data", "rejected", "m") == "no file was rejected\n"
    assert lepton("data", "rename", "m", "people") == "data m is called people now\n"
    assert [one["name"] for one in lepton("data", "list", "--json")] == ["people"]
