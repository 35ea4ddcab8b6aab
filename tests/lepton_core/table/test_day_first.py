"""Somebody says whether the day or the month comes first: it holds for all dates of the file, and for later files."""

import pytest

from lepton_core.errors import InvalidData
from lepton_core.report import make_report
from lepton_core.table import Read, ReadingOptions, kind_of, read_file

pytestmark = pytest.mark.usefixtures("either_reader")

OPEN = ["1/2/2024", "3/4/2024", "5/6/2024"] * 10
DAY, MONTH = "2024-02-01", "2024-01-02"


def read(cells: list[str], reading: ReadingOptions, before: Read | None = None, **said: object) -> Read:
    data = "\n".join(["when,y", *(f"{cell},{'pq'[at % 2]}" for at, cell in enumerate(cells))])
    known = () if before is None else before.table.schema.columns
    earlier = ReadingOptions(**said)  # type: ignore[arg-type]
    return read_file(data.encode(), reading, label="y", earlier=earlier, known=known)


def first(found: Read) -> str:
    return str(kind_of(found.table["when"]).cells(found.table["when"])[0])


@pytest.mark.parametrize(("day_first", "wanted"), [(True, DAY), (False, MONTH), (None, MONTH)])
@pytest.mark.parametrize("sign", ["/", ".", "-"])
def test_dates_that_may_be_either_are_read_as_somebody_says(
    day_first: bool | None, wanted: str, sign: str
) -> None:
    reading = ReadingOptions(day_first=day_first)
    found = read([cell.replace("/", sign) for cell in OPEN], reading)
    assert first(found) == (wanted if day_first is not None or sign == "/" else DAY)
    assert ("day_first" in make_report(found, reading).codes("when")) == (day_first is None)


def test_the_order_is_kept_for_later_files_until_somebody_says_another() -> None:
    said = ReadingOptions(day_first=True)
    before = read(OPEN, said)
    assert first(read(OPEN, ReadingOptions(), before, day_first=True)) == DAY
    assert first(read(OPEN, ReadingOptions(day_first=False), before, day_first=True)) == MONTH
    with pytest.raises(InvalidData, match="1 of 31 cells are no date, the first is '2/13/2024'"):
        read([*OPEN, "2/13/2024"], ReadingOptions(), before, day_first=True)


def test_dates_that_say_it_themselves_stay_as_they_are_and_it_is_said() -> None:
    found = read([f"{month}/20/2024" for month in range(1, 13)], ReadingOptions(day_first=True))
    assert first(found) == "2024-01-20"
    assert found.columns[0].decision is not None
    assert found.columns[0].decision.doubt.startswith("its dates do not have the day first")
    assert first(read(["2024-01-02"] * 9, ReadingOptions(day_first=True))) == MONTH
