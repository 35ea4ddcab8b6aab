"""Files that are large, or that unpack to what is, and what an upload of each comes to."""

import bz2
import gzip
import lzma
import random
from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

from tests.lepton_core.table.files.bad.formats import CELLS, NAMES, parquet, with_sheet
from tests.lepton_core.table.files.bad.made import GOOD, zipped

MEGABYTE = 1 << 20


class Large(NamedTuple):
    """How its bytes are ``made``, how what is ``said`` of it begins, and the most megabytes that its memory rises.

    0: no more than any file of its size may. One that is ``slow`` takes seconds.
    """

    made: Callable[[], bytes]
    said: str
    most: int = 0
    slow: bool = True


def table(rows: int) -> bytes:
    """The plainest table, of four bytes a row."""
    return b"a,b\n" + b"1,2\n2,3\n" * (rows // 2)


def words(count: int) -> bytes:
    """A table of many words."""
    deal = random.Random(0)
    return b"a,b\n" + b"".join(b"%x,%d\n" % (deal.getrandbits(16), place % 2) for place in range(count))


REFUSED = "invalid_data: "
FILES: dict[str, Large] = {
    "gzip of 100,000 members": Large(
        lambda: gzip.compress(GOOD.encode()) + gzip.compress(b"") * 100_000, "40 rows", slow=False
    ),
    "bzip2 of 50,000 streams": Large(
        lambda: bz2.compress(GOOD.encode()) + bz2.compress(b"") * 50_000, "40 rows", slow=False
    ),
    "xz of 20,000 streams": Large(
        lambda: lzma.compress(GOOD.encode()) + lzma.compress(b"") * 20_000, "40 rows", slow=False
    ),
    "a bomb of gzip": Large(lambda: gzip.compress(table(50 * MEGABYTE)), "too_large: ", 500),
    "a bomb of zip": Large(lambda: zipped(a=table(50 * MEGABYTE)), "too_large: ", 500),
    "a bomb of bzip2": Large(lambda: bz2.compress(bytes(1000 * MEGABYTE)), REFUSED, 200),
    "a bomb of xz": Large(lambda: lzma.compress(bytes(500 * MEGABYTE)), REFUSED, 250),
    "a bomb within a bomb": Large(
        lambda: gzip.compress(gzip.compress(bytes(500 * MEGABYTE))),
        "invalid_data: this file is packed twice",
        slow=False,
    ),
    "a bomb of JSON": Large(
        lambda: gzip.compress(b'{"a": 1, "b": 2}\n' * (9 * MEGABYTE)),
        "too_large: the file unpacks to more",
        150,
    ),
    "JSON with a line of 200 MB": Large(
        lambda: (
            b'{"a": 1, "b": "'
            + b"x" * (200 * MEGABYTE)
            + b'"}\n'
            + b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n' * 20
        ),
        "40 rows",
        700,
    ),
    "JSON with another name in each row": Large(
        lambda: b"".join(b'{"k%d": 1}\n' % at for at in range(90_000)), "too_large: "
    ),
    "a cell of a gigabyte": Large(
        lambda: b"a,b\n" + b"x" * (1024 * MEGABYTE) + b",1\n2,3\n4,4\n" * 30, "89 rows", 300
    ),
    "a cell of a gigabyte in quotes": Large(
        lambda: b'a,b\n"' + b"words\n" * (170 * MEGABYTE) + b'",1\n2,3\n4,4\n' * 30,
        "invalid_data: line 2: ",
        100,
    ),
    "a line of forty megabytes": Large(
        lambda: b"a,b\n" + b"x" * (40 * MEGABYTE) + b",1\n2,3\n" * 30, "59 rows"
    ),
    "a quote that is open for 300 megabytes": Large(
        lambda: b'a,b\n1,"2\n' + b"3,4\n4,3\n" * (37 * MEGABYTE), "77594624 rows", 3000
    ),
    "a hundred megabytes of line ends": Large(
        lambda: b"\n" * (100 * MEGABYTE), "invalid_data: the file is empty", 100, slow=False
    ),
    "a hundred megabytes of line ends below a table": Large(
        lambda: GOOD.encode() + b"\n" * (100 * MEGABYTE), "40 rows", 100
    ),
    "a hundred megabytes of delimiters in lines": Large(lambda: b",,,\n" * (25 * MEGABYTE), REFUSED, 100),
    "a hundred megabytes of delimiters": Large(
        lambda: b"," * (100 * MEGABYTE), "invalid_data: line 1: the line is longer", 200, slow=False
    ),
    "a hundred megabytes of quotes": Large(
        lambda: b'"' * (100 * MEGABYTE), "invalid_data: line 1: the line is longer", 200, slow=False
    ),
    "a hundred megabytes of zeros": Large(
        lambda: bytes(100 * MEGABYTE), "invalid_data: line 1: the line is longer", 200, slow=False
    ),
    "a million columns": Large(
        lambda: b",".join(b"c%d" % at for at in range(10**6)) + b"\n" + b"1," * 10**6 + b"\n",
        "invalid_data: line 1: there are 1000000 cells; at most 100000",
        slow=False,
    ),
    "a million columns without a name": Large(
        lambda: b"," * 10**6 + b"\n" + b"1," * 10**6 + b"\n",
        "invalid_data: line 1: there are 1000001 cells; at most",
        slow=False,
    ),
    "90,000 columns": Large(
        lambda: (
            b",".join(b"c%d" % at for at in range(90_000))
            + b"\n"
            + (b"1," * 89_999 + b"1\n" + b"2," * 89_999 + b"2\n") * 2
        ),
        "4 rows",
        1000,
    ),
    "forty megabytes of digits": Large(lambda: table(10 * MEGABYTE), "10485760 rows"),
    "forty megabytes of words": Large(lambda: words(5_500_000), "5500000 rows"),
    "forty megabytes of stray quotes": Large(
        lambda: b"a,b\n" + b'1"x,y"\n2,z"\n' * (3 * MEGABYTE), "6291456 rows"
    ),
    "forty megabytes of ragged rows": Large(lambda: b"a,b\n" + b"1,2\n2,3\n1\n" * (4 * MEGABYTE), REFUSED),
    "forty megabytes of NUL bytes in rows": Large(
        lambda: b"a,b\n" + b"1,2\n" * MEGABYTE + b"\0,2\n" * (9 * MEGABYTE), REFUSED
    ),
    "forty megabytes of UTF-16": Large(lambda: table(5 * MEGABYTE).decode().encode("utf-16"), "5242880 rows"),
    "forty megabytes of Windows-1251": Large(
        lambda: "город,b\n".encode("cp1251") + "Москва,2\nКиев,3\n".encode("cp1251") * (2 * MEGABYTE),
        "4194304 rows",
    ),
    "forty megabytes that are not UTF-8 at their end": Large(
        lambda: b"a,b\n" + "Köln,2\nUlm,3\n".encode() * (2 * MEGABYTE) + b"\xff,1\n" * MEGABYTE,
        "5242880 rows",
    ),
    "Parquet with a page for each number": Large(
        lambda: parquet(
            {"a": list(range(200_000)), "y": [at % 2 for at in range(200_000)]},
            data_page_size=8,
            compression="none",
        ),
        "200000 rows",
        80,
    ),
    "Parquet with a text of 100,000 letters, 20,000 times": Large(
        lambda: parquet(
            {
                "a": pa.array(["x" * 100_000] * 20_000).dictionary_encode(),
                "y": [at % 2 for at in range(20_000)],
            }
        ),
        "too_large: column 'a': with it the texts take more than",
    ),
    "Parquet with one number 30,000,000 times": Large(
        lambda: parquet({"a": pa.array([5] * 30_000_000), "y": pa.array([1] * 30_000_000)}),
        "too_large: 30000000 rows of 2 columns unpack to more than",
    ),
    "Excel with a million empty rows": Large(
        lambda: with_sheet(CELLS + "".join(f"<row r='{at}'/>" for at in range(9, 10**6))), "7 rows"
    ),
    "Excel with a cell in the last row there is": Large(
        lambda: with_sheet(
            CELLS + "<row r='1048576'><c r='A1048576'><v>2</v></c><c r='B1048576'><v>1</v></c></row>"
        ),
        "8 rows",
        300,
    ),
    "Excel with a text of a million letters, 20,000 times": Large(
        lambda: with_sheet(
            NAMES
            + "".join(
                f"<row r='{at}'><c r='A{at}' t='s'><v>0</v></c><c r='B{at}'><v>1</v></c></row>"
                for at in range(2, 20_000)
            ),
            f"<si><t>{'x' * MEGABYTE}</t></si>",
        ),
        "too_large: ",
        slow=False,
    ),
    "Excel with a text of forty megabytes": Large(
        lambda: with_sheet(
            NAMES
            + "<row r='2'><c r='A2' t='s'><v>0</v></c><c r='B2'><v>1</v></c></row>"
            + "<row r='3'><c r='A3'><v>0</v></c><c r='B3'><v>2</v></c></row>",
            f"<si><t>{'x' * (40 * MEGABYTE)}</t></si>",
        ),
        "2 rows",
        800,
    ),
}
