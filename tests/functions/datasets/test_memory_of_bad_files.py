"""An upload of any bad file takes bounded memory: the peak is that of the kernel, each in a process of its own."""

import sys

import pytest

from functions.datasets.large_files import WORST_TABLE
from tests.functions.datasets.bad_uploads import FILES
from tests.lepton_core.table.files.bad import large
from tests.support.rises import Rise, rises_of, with_rise
from tests.support.sampling import full, some

MEGABYTE = 1 << 20
LEAST = 8 * MEGABYTE
"""What reading any file and making its report may take, beside `WORST_TABLE` times the file."""

COLUMN_BYTES = 11_000
"""What each column of a wide table may take besides."""

WIDE = {
    "rows: only delimiters": 1_001,
    "rows: only tabs": 1_001,
    "formats: Excel with a cell beyond the last column": 18_278,
    "unseen: quotes and delimiters in turns": 1_501,
}

PROGRAM = "tests.functions.datasets.bad_uploads"
SMALL = [case for case in FILES if not case.startswith("large: ")]
LARGE = [f"large: {name}" for name in large.FILES]
QUICK = [f"large: {name}" for name, one in large.FILES.items() if not one.slow]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the memory of a process is read as Linux tells it"
)


def most_of(one: Rise) -> int:
    named = large.FILES.get(one.case.removeprefix("large: "))
    return (
        named.most * MEGABYTE
        if named is not None and named.most
        else LEAST + WORST_TABLE * one.size + COLUMN_BYTES * WIDE.get(one.case, 0)
    )


def check(found: list[Rise], cases: list[str]) -> None:
    assert [one.case for one in found] == cases
    assert [(one.case, one.size, one.rise) for one in found if one.rise > most_of(one)] == []
    wanted = {
        one.case: large.FILES[one.case.removeprefix("large: ")].said for one in found if one.case in LARGE
    }
    assert [one.said[:200] for one in found if not one.said.startswith(wanted.get(one.case, ""))] == []


def test_a_rise_is_that_of_the_peak_and_not_of_what_is_left() -> None:
    length, rise = with_rise(lambda: len(b"x" * (40 * MEGABYTE)))
    assert length == 40 * MEGABYTE
    assert 39 * MEGABYTE < rise < 60 * MEGABYTE


@pytest.mark.slow
def test_a_bad_file_takes_eight_megabytes_and_some_times_its_size() -> None:
    cases = [*some("bad files, their memory", SMALL, 5), *some("large files, their memory", QUICK, 1)]
    check(rises_of(PROGRAM, cases), cases)


@pytest.mark.slow
@pytest.mark.skipif(not full(), reason="takes minutes")
@pytest.mark.parametrize("case", [case for case in LARGE if case not in QUICK])
def test_a_file_that_takes_long_takes_so_much_as_is_written_beside_it(case: str) -> None:
    check(rises_of(PROGRAM, [case]), [case])
