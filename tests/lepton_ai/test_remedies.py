"""Each remedy of a report is pasted, as a call, as a command and as a request, and mends what it was given for."""

import ast
import functools
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pandas
import pytest

from lepton_ai import Data, Dataset, Model, Split
from lepton_ai.cli import main
from lepton_ai.cli.reading import reading
from lepton_ai.connect import connect
from lepton_ai.data_report import DataReport
from lepton_ai.remedies import command, with_options
from lepton_core import remedy
from lepton_core.errors import InvalidData
from lepton_core.remedy import Remedy, argument, deletion, of_model, training
from lepton_core.report import Finding
from tests.support.pasted import paste
from tests.support.waiting import until

UPLOAD = "/v1/datasets/other/upload"
CODES = ["leak", "identifier", "text_dates", "decimal", "day_first", "mixed", "no_name", "index"]
MANY = 400
LABEL = ["pq"[place % 2] for place in range(MANY)]
RNG = np.random.default_rng(0)
NOISE, OTHER = ([f"{value:.5f}" for value in RNG.normal(size=MANY)] for _ in range(2))
IDS = RNG.integers(80, size=MANY)


def table(strange: list[str], sign: str = ",", label: list[str] = LABEL) -> str:
    cells = zip(NOISE, OTHER, strange, label, strict=True)
    return "\n".join([sign.join(("x", "z", "strange", "y")), *map(sign.join, cells)]) + "\n"


def lines(head: list[str], rows: list[str]) -> str:
    return "\n".join([*head, *rows]) + "\n"


ROWS = [f"{x},{z},{y}" for x, z, y in zip(NOISE, OTHER, LABEL, strict=True)]
ROOMS = [(float(x), place % 40, y) for place, (x, y) in enumerate(zip(NOISE, LABEL, strict=True))]
NEAR = [f"{x * (1 + 1e-6):.9f},{room},{y}" for x, room, y in ROOMS]
DAYS = [str(np.datetime64("2023-01-01") + place) for place in range(MANY)]

FILES: dict[str, str | bytes] = {
    "leak": table(["12" if one == "p" else "40" for one in LABEL]),
    "identifier": table([f"u{place}@example.com" for place in range(MANY)]),
    "epoch": table([str(1_700_000_000 + 7_000 * int(place)) for place in RNG.permutation(MANY)]),
    "sentinel": table(["-999" if place % 9 == 0 else cell for place, cell in enumerate(NOISE)]),
    "dates": table([DAYS[place] for place in RNG.permutation(MANY)]),
    "text_dates": table(["not yet" if place % 5 == 0 else day for place, day in enumerate(DAYS)]),
    "empty": table([""] * MANY),
    "constant": table(["7"] * MANY),
    "nearly_constant": table(["0"] * (MANY - 2) + ["1", "2"]),
    "many_missing": table(["" if place % 3 else cell for place, cell in enumerate(NOISE)]),
    "word_for_missing": table([["NA", "EU", "AS", "AF"][int(one) % 4] for one in IDS]),
    "mixed": table(
        [["k. A.", "NA"][place // 9 % 2] if place % 9 == 0 else cell for place, cell in enumerate(NOISE)]
    ),
    "decimal": table([f'"{place % 90 + 1},{(place * 37) % 1000:03}"' for place in range(MANY)]),
    "unbalanced": table(OTHER, label=["yes" if place % 20 == 0 else "no" for place in range(MANY)]),
    "duplicates": lines(["x,z,y"], [*ROWS, *ROWS[:40]]),
    "time_order": table(DAYS),
    "repeated_id": table(
        [str(17 + 7919 * one) for one in IDS],
        label=["pq"[one % 2] if RNG.random() < 0.95 else "p" for one in IDS],
    ),
    "near_copies": lines(
        ["x,room,y"],
        [f"{x},{place % 40},{y}" for place, (x, y) in enumerate(zip(NOISE, LABEL, strict=True))] + NEAR[:80],
    ),
    "label_guessed": lines(["x,z,paid"], ROWS),
    "delimiter": table(NOISE, ";"),
    "quote": lines(["'x','z','y'"], ["'" + row.replace(",", "','") + "'" for row in ROWS]),
    "no_header": lines([], ROWS),
    "no_name": lines(["x,,y"], ROWS),
    "index": lines([",x,z,y"], [f"{place},{row}" for place, row in enumerate(ROWS)]),
    "lines_above": lines(["A survey of 2024", ""], ["x,z,y", *ROWS]),
    "lines_below": lines(["x,z,y", "continuous,continuous,p q", ",,class"], ROWS),
    "lines_in_quotes": lines([], ['"' + row.replace('"', '""') + '"' for row in ["x,z,y", *ROWS]]),
    "second_header": lines(["x,y", "kind,group"], [f"{'uvw'[int(i) % 3]},{'pq'[int(i) % 2]}" for i in IDS]),
    "names_joined": lines(["a,,b,", "x,y,x,y"], [f"{x},1,{i % 7},{i % 3}" for i, x in enumerate(NOISE)]),
    "total": lines(["x,z,y"], [*ROWS, "Total,12.5,"]),
    "day_first": table([f"{1 + place % 12}/{1 + place // 12 % 12}/2024" for place in range(MANY)]),
    "set_aside": lines(["x,z,y"], [*ROWS, "1,2"]),
    "encoding": lines(["x,z,y"], [f"{row}\u00e9" for row in ROWS]).encode("latin-1"),
}
REFUSES = frozenset({"delimiter", "lines_in_quotes", "quote", "lines_above"})
"""What these say makes the reader refuse the file: it says that the file must not be read as it was."""

TRAINS = frozenset({"unbalanced", "time_order", "repeated_id", "near_copies"})


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)
    return tmp_path / "rows.csv"


def write(path: Path, code: str) -> Finding:
    content = FILES[code]
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    report = read(path, code).report()
    return next(one for one in report.findings if one.code == code)


def read(path: Path, code: str) -> Data:
    label = None if code in ("label_guessed", "names_joined", "no_header") else "y"
    return Data.from_csv(path, label=label, quiet=True)


def said(report: DataReport, finding: Finding) -> bool:
    """Whether it is said again, as gravely."""
    return any(
        (one.code, one.column, one.level) == (finding.code, finding.column, finding.level)
        for one in report.report.findings
    )


@pytest.mark.parametrize("code", sorted(set(FILES) - TRAINS))
def test_a_call_of_data_that_is_pasted_makes_the_finding_go_away(path: Path, code: str) -> None:
    finding = write(path, code)
    names = {"Data": Data, "path": path, "pandas": pandas}
    calls = finding.remedy.split(" or ")
    assert len(calls) == 1 + (code == "no_header")
    for call in calls:
        try:
            assert not said(paste(call, names).report(), finding)
        except InvalidData as error:  # a file that is read otherwise may be unreadable, and that is said
            assert code in REFUSES, error.message


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES)
def test_the_command_and_the_request_say_what_the_call_says(path: Path, code: str) -> None:
    finding = write(path, code)
    Model("logistic_regression", name="m")
    call(*["upload" if one == "upload" else str(path) if one == "FILE" else one for one in split(finding)])
    by_command = Dataset("m").report()
    assert by_command.version == 1
    assert not said(by_command, finding)
    content, asked, transport = path.read_bytes(), finding.request, connect()
    assert asked is not None and asked.route == "upload"
    start = transport.call("POST", UPLOAD, body={"size": len(content), **asked.body})
    transport.call("PUT", upload := f"{UPLOAD}/{start['id']}", body=content, content_type="text/csv")
    until(lambda: transport.call("GET", upload)["state"] == "accepted", "the file is a version")
    by_request = Dataset("other", transport=transport).report(1)
    assert by_request.report == by_command.report


def split(finding: Finding) -> list[str]:
    return shlex.split(command(finding, "m"))[1:]


def call(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"])
    assert ended.value.code == 0


@pytest.mark.slow
@pytest.mark.parametrize("code", sorted(TRAINS))
def test_a_call_of_train_that_is_pasted_trains_as_it_says(
    path: Path, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = write(path, code)
    model = Model("logistic_regression", name="m")
    model.upload_data(read(path, code))
    version = paste(finding.remedy, {"model": model, "Split": Split})
    assert finding.request is not None
    capsys.readouterr()
    call(*split(finding))
    by_command = json.loads(capsys.readouterr().out)
    if code == "unbalanced":
        assert version.class_weight == by_command["class_weight"] == finding.request.body["class_weight"]
        return
    asked = finding.request.body["split"]
    rule = "group-1" if asked["by"] == "near_copies" else f"{asked['by']}-1"
    assert version.split.rule == by_command["split"]["rule"] == rule
    assert version.split.column == by_command["split"].get("column") == asked.get("column")


LATER = {
    "drift": [f"{5 + float(one):.5f}" for one in NOISE],
    "columns_added": NOISE,
    "retyped": [f"word {place % 5}" for place in range(MANY)],
}


@pytest.mark.slow
@pytest.mark.parametrize("code", LATER)
def test_what_changed_since_the_version_before_can_be_left_out(path: Path, code: str) -> None:
    model = Model("logistic_regression", name="m")
    path.write_text(lines(["x,z,y"], ROWS) if code == "columns_added" else table(OTHER))
    model.upload_data(Data.from_csv(path, label="y", quiet=True))
    path.write_text(table(LATER[code]))
    said_kind = {"strange": "category"} if code == "retyped" else None
    done = model.upload_data(Data.from_csv(path, label="y", quiet=True, kinds=said_kind))
    assert done.report is not None
    finding = next(one for one in done.report.findings if one.code == code)
    again = model.upload_data(paste(finding.remedy, {"Data": Data, "path": path}))
    assert again.report is not None
    assert not said(again.report, finding)


def test_words_that_count_as_missing_labels_are_named_and_the_call_makes_labels_of_them(path: Path) -> None:
    cells = ["NA", "None", "ok", "", "bad"]
    path.write_text("x,y\n" + "".join(f"{place},{cells[place % 5]}\n" for place in range(50)))
    finding = next(one for one in Data.from_csv(path, quiet=True).report().findings if one.code == "no_label")
    assert finding.message.startswith(
        "30 rows have no label and were left out: 'NA', 'None' count as missing"
    )
    assert finding.level == "warning"
    assert finding.remedy == "Data.from_csv(path, missing={'y': []})"
    again = paste(finding.remedy, {"Data": Data, "path": path})
    assert sorted(again.table["y"].levels) == ["NA", "None", "bad", "ok"]
    assert len(again) == 40
    assert finding.request is not None
    assert finding.request.body == {"missing": {"y": []}}
    assert command(finding, "m") == "lepton data upload m FILE --missing y="
    kept = reading([], [], ["y="], None, None, None)["missing"]
    assert len(Data.from_csv(path, quiet=True, missing=kept)) == 40


def test_few_words_that_count_as_missing_labels_are_a_note(path: Path) -> None:
    path.write_text(
        "x,y\n" + "".join(f"{place},{'NA' if place == 7 else place % 2}\n" for place in range(50))
    )
    [finding] = [one for one in Data.from_csv(path, quiet=True).report().findings if one.code == "no_label"]
    assert finding.level == "note" and finding.remedy


def test_a_class_that_is_called_none_is_not_lost_without_a_word(path: Path) -> None:
    path.write_text("x,y\n" + "".join(f"{place},{['None', 'nuts'][place % 2]}\n" for place in range(50)))
    with pytest.raises(InvalidData, match=re.escape("one class only ('nuts')")) as refused:
        Dataset("m").upload(Data.from_csv(path, quiet=True))
    assert "25 rows have no label and were left out: 'None' counts as missing" in refused.value.message
    said = paste(str(refused.value.remedies[0]), {"Data": Data, "path": path})
    assert Dataset("m").upload(said).rows == 50


def test_nothing_is_offered_for_labels_that_are_blank_or_were_said_to_be_missing(path: Path) -> None:
    path.write_text("x,y\n1,no\n2,-\n3,\n4,yes\n")
    for missing in (["-"], {"y": ["-"]}):
        notes = Data.from_csv(path, quiet=True, missing=missing).notes
        assert [one.remedy for one in notes if one.code == "no_label"] == [""]
    path.write_text("x,y\n1,no\n3,\n4,yes\n")
    assert [one.remedy for one in Data.from_csv(path, quiet=True).notes if one.code == "no_label"] == [""]


@pytest.mark.slow
def test_a_report_on_a_file_of_excel_offers_a_call_that_reads_that_file(path: Path) -> None:
    path = path.with_suffix(".xlsx")
    rows = [row.split(",") for row in lines(["x,z,y"], [f"{row},7" for row in ROWS]).splitlines()]
    pandas.DataFrame(rows[1:], columns=["x", "z", "y", "w"]).astype({"x": float}).to_excel(path, index=False)
    model = Model("logistic_regression", name="m", quiet=True)
    data = Data.from_file(path, label="y", quiet=True)
    uploaded = model.upload_data(data).report
    assert uploaded is not None
    for report in (data.report(), uploaded):
        finding = next(one for one in report.findings if one.code == "constant")
        assert finding.remedy == "Data.from_file(path, label='y', exclude=['w'])"
        assert "w" not in paste(finding.remedy, {"Data": Data, "path": path}).columns


def test_a_frame_and_a_file_of_columns_are_offered_their_own_call(path: Path) -> None:
    frame = pandas.DataFrame({"x": NOISE, "z": OTHER, "y": LABEL}).astype({"x": float, "z": float})
    Dataset("d").upload(Data.from_pandas(frame, label="y", quiet=True))
    with pytest.raises(InvalidData) as caught:
        Dataset("d").upload(Data.from_pandas(frame.drop(columns="z"), label="y", quiet=True))
    offered = str(caught.value).partition("to go on without it: ")[2]
    assert offered == "Data.from_pandas(frame, exclude=['z'])"
    assert caught.value.message.endswith(offered)
    assert caught.value.reason.endswith(offered)
    path = path.with_suffix(".parquet")
    frame.drop(columns="z").to_parquet(path)
    with pytest.raises(InvalidData, match=r"Data\.from_file\(path, exclude=\['z'\]\)"):
        Dataset("d").upload(Data.from_file(path, label="y", quiet=True))


@pytest.mark.parametrize(
    ("way", "its_command"),
    [
        (training("m"), "lepton train m"),
        (training(), "lepton train NAME"),
        (training(split={"by": "time", "column": "when"}), "lepton train NAME --split time:when"),
        (of_model("retire", "m"), "lepton retire m"),
        (of_model("cancel", "m"), "lepton cancel m"),
        (deletion("d"), "lepton data delete d --all"),
        (deletion("d", 2, force=True), "lepton data delete d 2 --force"),
        (argument(kinds={"zip": ...}), "--kind zip=KIND"),
        (argument(exclude=[...]), "--exclude COLUMN"),
        (argument(exclude=[]), "--exclude ''"),
        (argument(label=...), "--label COLUMN"),
        (argument("create", algorithm="svm"), "--algorithm svm"),
        (remedy.call(header=False, exclude=["a b"]), "--no-header --exclude 'a b'"),
        (remedy.call(delimiter=...), "--delimiter SIGN"),
    ],
)
def test_a_call_in_an_error_is_a_command_of_the_command(way: Remedy, its_command: str) -> None:
    said = with_options(f"it keeps serving; to go on: {way}, or wait (for a (long) time)", [way])
    assert said == f"it keeps serving; to go on: {its_command}, or wait (for a (long) time)"


@pytest.mark.slow
def test_what_was_rejected_and_what_is_in_doubt_is_told_in_commands(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text(table(NOISE))
    Dataset("d").upload(Data.from_csv(path, label="y", quiet=True))
    path.write_text(lines(["x,z,y"], ROWS))
    with pytest.raises(InvalidData):
        Dataset("d").upload(Data.from_csv(path, label="y", quiet=True))
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["data", "rejected", "d"])
    said = capsys.readouterr().out
    assert said.rstrip().endswith("to go on without it: --exclude strange")


SENTENCES = {
    "formulas": "open the file in Excel or",
    "zone": "write local times without a zone",
    "absent": "it is missing in the rows of the file",
    "appended": "appended to version",
    "columns_not_looked_at": "of the others only kind and figures",
    "columns_removed": "upload a file that has it, or train the model anew",
    "doubt": "read it as another kind",
    "empty_columns": "left out",
    "empty_rows": "left out",
    "escape": "is written",
    "flipped_labels": "release the version if it is",
    "header_again": "left out",
    "header_within": "make a file of each",
    "label_changed": "no model of the other label is",
    "label_relation": "release the version if it is",
    "left_out": "as said before",
    "label_share": "release the version if it is",
    "label_spellings": "is taken for",
    "labels_alike": "spell them alike in the file",
    "pairs": "columns of it in the file",
    "lost_dates": "no call can bring them back",
    "columns_not_listed": "describe tells the figures of all",
    "held_out": "no training sees them",
    "infinite": "mend them in the data",
    "held_out_column": "was left out",
    "held_out_copies": "such rows flatter",
    "held_out_labels": "spell them alike",
    "name_twice": "this one is called",
    "names_alike": "rename one",
    "names_without_cells": "which were left out",
    "outer_bars": "these make no columns",
    "one_class": "upload rows of another class as well",
    "rule": "was passed over",
    "sheet": "was read; there are also",
    "new_classes": "if they are the same, else a model learns them",
    "new_levels": "a model learns them when it is trained on this version",
    "no_label": "left out",
    "rare_classes": "name another label",
    "shares": "write all cells in one way in the file",
    "notations": "make two columns of it, the number and its unit",
    "sums": "take it out of the file",
    "stray_quote": "it is part of the text",
    "zones": "write the offset in the file",
}
"""What is told in words, for no call helps: of a note what was done, of a warning what to do."""


@functools.cache
def codes() -> dict[str, str]:
    """Each code of a finding or a note that the code can make, with the source of the functions that make it."""
    found: dict[str, str] = {}
    for folder in ("lepton_core", "functions"):
        for file in sorted(Path(__file__).parents[2].joinpath(folder).rglob("*.py")):
            source = file.read_text()
            makes_any = "Finding(" in source or "Note(" in source
            for function in ast.walk(ast.parse(source)) if makes_any else ():
                for call in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
                    named = isinstance(call, ast.Call) and ast.unparse(call.func) in ("Finding", "Note")
                    if named and call.args and isinstance(code := call.args[0], ast.Constant):
                        found[str(code.value)] = found.get(str(code.value), "") + source
    return found


@pytest.mark.parametrize("code", sorted(codes()))
def test_each_code_has_a_call_that_is_tried_or_says_in_words_what_to_do(code: str) -> None:
    assert (code in {*FILES, *LATER}) != (code in SENTENCES), "give it a file, or a sentence"
    assert code not in SENTENCES or (SENTENCES[code] and SENTENCES[code] in codes()[code])
