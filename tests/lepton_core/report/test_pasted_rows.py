"""Names that come again below, and a total, are said where no reader takes such rows out: of typed tables."""

import pandas
import pytest

from lepton_ai import Data
from lepton_ai.frames import table_from_frame
from lepton_core.report import Finding, make_report
from lepton_core.table import Read, ReadingOptions, read_file
from lepton_core.table.reading_options import NOTHING_SAID
from tests.support.pasted import paste
from tests.support.written_files import ndjson, parquet

NAMES = ["g", "v", "w", "y"]
ROWS = [["xyz"[at % 3], f"0.{at:03}", str(at % 7), ["ja", "nein"][at % 2]] for at in range(100)]
TOTAL = ["Gesamtergebnis", "50.0", "9", "ja"]


def frame_of(rows: list[list[str]]) -> pandas.DataFrame:
    return pandas.DataFrame(rows, columns=NAMES)


ROADS = {
    "csv": lambda frame: frame.to_csv(index=False).encode(),
    "parquet": lambda frame: parquet(frame.to_dict("list")),
    "ndjson": lambda frame: ndjson(frame.to_dict("records")),
    "frame": table_from_frame,
}


def found(data: object, road: str, reading: ReadingOptions = NOTHING_SAID) -> tuple[Read, dict[str, Finding]]:
    read = read_file(data, reading, label="y")  # type: ignore[arg-type]
    report = make_report(read, reading, frame=road == "frame")
    return read, {one.code: one for one in report.findings if one.code in ("header_within", "total", "sums")}


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("header", [NAMES, ["G", "v", "W", "Y"], ["g ", " v", "w", "y "]])
@pytest.mark.parametrize("places", [(50,), (7, 50, 100)])
def test_names_that_come_again_are_a_class_of_the_label_and_the_call_leaves_them_out(
    road: str, header: list[str], places: tuple[int, ...]
) -> None:
    rows = [*ROWS]
    for place in reversed(places):
        rows.insert(place, header)
    data = ROADS[road](frame_of(rows))
    read, said = found(data, road)
    if road == "csv" and header == NAMES:
        assert not said and read.table.rows == 100
        return
    finding = said["header_within"]
    many = "1 row" if len(places) == 1 else "3 rows"
    assert (
        f"a class that is its own name, {header[-1].strip()!r}: in {many}, the first is row {places[0] + 1}"
        in (finding.message)
    )
    assert finding.level == "warning" and finding.request is not None
    assert finding.remedy.startswith(f"Data.from_{'pandas(frame' if road == 'frame' else 'csv(path'}")
    after, left = found(data, road, ReadingOptions(missing=finding.request.body["missing"]))
    assert not left
    assert after.table.rows == 100
    assert after.table["y"].kind == "boolean" or set(after.table["y"].levels) >= {"ja", "nein"}


def test_a_class_may_be_called_as_the_label_is() -> None:
    rows = [[*row[:3], "y" if at % 2 else "n"] for at, row in enumerate(ROWS)]
    for road in ROADS:
        assert not found(ROADS[road](frame_of(rows)), road)[1]


@pytest.mark.parametrize("road", sorted(ROADS.keys() - {"csv"}))
@pytest.mark.parametrize("place", [0, 1])
def test_a_last_row_that_looks_like_a_total_is_a_warning(road: str, place: int) -> None:
    last = TOTAL if place == 0 else ["", TOTAL[0], *TOTAL[2:]]
    frame = frame_of([*ROWS, last])
    said = found(ROADS[road](frame), road)[1]
    assert said.keys() == {"total"} and said["total"].level == "warning"
    assert "it begins with 'Gesamtergebnis', as no other row does" in said["total"].message
    if road == "frame":
        assert said["total"].remedy == "Data.from_pandas(frame[:-1], label='y')"
        assert not found(table_from_frame(frame[:-1]), road)[1]
    assert not found(ROADS[road](frame_of([*ROWS, last, last])), road)[1]
    assert not found(ROADS[road](frame), road, ReadingOptions(bad_rows=0.0))[1]
    elsewhere = [*ROWS[0][:2], f"in {TOTAL[0]}", "ja"]
    assert not found(ROADS[road](frame_of([elsewhere, *ROWS, last])), road)[1]
    unlabelled = frame_of([*ROWS, [*last[:3], ""]])
    assert not found(ROADS[road](unlabelled), road)[1]


def test_the_calls_that_are_offered_for_a_frame_can_be_pasted() -> None:
    frame = frame_of([*ROWS, NAMES, TOTAL])
    for code, rows in (("header_within", 101), ("total", 101)):
        report = Data.from_pandas(frame, label="y", quiet=True).report()
        finding = next(one for one in report.findings if one.code == code)
        again = paste(
            finding.remedy.replace("frame[:-1]", "shorter"),
            {"Data": Data, "frame": frame, "shorter": frame[:-1]},
        )
        assert len(again) == rows
        assert code not in {one.code for one in again.report().findings}
