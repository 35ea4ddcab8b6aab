"""What is very long, very wide or very packed is read or refused in bounded memory, each in a process of its own."""

import subprocess
import sys

import pytest

from tests.support.sampling import full

MEGABYTE = 1 << 20

PROGRAM = """
import bz2, gzip, io, lzma, resource, sys, zipfile
from lepton_core.errors import LeptonError
from lepton_core.table import read_file
from lepton_core.table.files import open_sheet

def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)
    return out.getvalue()

def packed(pack, size):
    data = pack(b"a,b\\n" + b"1,2\\n" * (size // 4))
    return data

data = {made}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    table = {read}
    print(table)
except LeptonError as error:
    print(f"{{error.code}}: {{error.message[:300]}}")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
WHOLE = "(lambda table: (table.rows, len(table.columns)))(read_file(data).table)"
BOMB = "open_sheet(data, most_bytes=10 << 20).names"


def outcome(made: str, read: str = WHOLE) -> tuple[str, int]:
    """What came of the bytes that ``made`` makes, and the megabytes that reading took beside them."""
    program = PROGRAM.format(made=made, read=read)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    *said, memory = done.stdout.splitlines()
    return "\n".join(said), int(memory)


CASES: dict[str, tuple[str, str, str, int]] = {
    "a million names and nothing else": (
        "b','.join(b'c%d' % i for i in range(10**6))", WHOLE, "line 1: there are 1000000 cells; at most 100000", 100
    ),
    "a million columns": (
        "(b','.join(b'c%d' % i for i in range(10**6)) + b'\\n') + (b'1,' * 10**6)[:-1] + b'\\n'",
        WHOLE, "line 1: there are 1000000 cells; at most 100000", 100,
    ),
    "a million names in quotes": (
        "b','.join(b'\"c%d\"' % i for i in range(10**6)) + b'\\n' + (b'1,' * 10**6)[:-1]",
        WHOLE, "at most 100000", 200,
    ),
    "ten thousand columns of nothing": ("b'\\n'.join([b',' * 10**4] * 20)", WHOLE, "invalid_data: ", 200),
    "a line of forty megabytes": ("b'a,b\\n' + b'x' * (40 << 20) + b',1\\n2,3\\n' * 30", WHOLE, "(59, 2)", 400),
    "a quote that is open for forty megabytes": (
        "b'a,b\\n1,\"2\\n' + b'3,4\\n' * (10 << 20)", "open_sheet(data).names", "('a', 'b')", 200
    ),
    "forty megabytes of quotes": ("b'\"' * (40 << 20)", WHOLE, "the line is longer than 16777216 letters", 100),
    "forty megabytes of delimiters": ("b',' * (40 << 20)", WHOLE, "the line is longer than 16777216 letters", 100),
    "forty megabytes of line ends": ("b'\\n' * (40 << 20)", WHOLE, "the file is empty", 100),
    "forty megabytes of blanks": ("b' ' * (40 << 20)", WHOLE, "the line is longer than 16777216 letters", 100),
    "forty megabytes of zeros": ("bytes(40 << 20)", WHOLE, "the line is longer than 16777216 letters", 100),
    "a bomb of gzip": ("packed(gzip.compress, 200 << 20)", BOMB, "too_large: the file unpacks to more than", 60),
    "a bomb of bzip2": ("packed(bz2.compress, 20 << 20)", BOMB, "too_large: the file unpacks to more than", 60),
    "a bomb of xz": ("packed(lzma.compress, 100 << 20)", BOMB, "too_large: the file unpacks to more than", 100),
    "a bomb of zip": ("packed(zipped, 200 << 20)", BOMB, "too_large: the file unpacks to more than", 60),
    "a bomb within a bomb": (
        "gzip.compress(gzip.compress(bytes(200 << 20)))", BOMB, "this file is packed twice", 60
    ),
}  # fmt: skip
"""Of each: the bytes, how they are read, what is said, and the most megabytes beside the bytes."""

FULL: dict[str, tuple[str, str, str, int]] = {
    "a cell of a gigabyte": ("b'a,b\\n' + b'x' * (1 << 30) + b',1\\n2,3\\n' * 30", WHOLE, "(59, 2)", 2500),
    "a cell of a gigabyte in quotes": (
        "b'a,b\\n\"' + b'words\\n' * (170 << 20) + b'\",1\\n2,3\\n'", WHOLE, "invalid_data: ", 2500
    ),
}  # fmt: skip
"""With --full only."""


@pytest.mark.slow
@pytest.mark.sampled(4)
@pytest.mark.parametrize("case", CASES)
def test_a_large_file_is_read_or_refused_in_bounded_memory(case: str) -> None:
    made, read, said, most = CASES[case]
    found, memory = outcome(made, read)
    assert said in found
    assert memory < most


@pytest.mark.slow
@pytest.mark.skipif(not full(), reason="with --full only")
@pytest.mark.parametrize("case", FULL)
def test_a_cell_of_a_gigabyte_is_set_aside_or_refused(case: str) -> None:
    made, read, said, most = FULL[case]
    found, memory = outcome(made, read)
    assert said in found
    assert memory < most
