"""Files in all kinds of encodings, whole and broken, and what each comes to."""

import random

from tests.lepton_core.table.files.bad.made import GOOD, HEADER, LINES, in_encoding, lines, with_line

T = "age integer, town category, paid integer"

# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "UTF-8 with a mark": (in_encoding("utf-8-sig"), f"40 rows: {T}"),
    "UTF-8 with two marks": (b"\xef\xbb\xbf" * 2 + in_encoding("utf-8"), f"40 rows: {T}"),
    "UTF-8 with a mark that was encoded twice": (
        "\u00ef\u00bb\u00bf".encode() + in_encoding("utf-8"),
        f"40 rows: {T}",
    ),
    "UTF-8 with a mark and quotes": (
        in_encoding("utf-8-sig", '"age","town"\n' + '"31","Bonn"\n"47","Ulm"\n' * 9),
        "18 rows: age integer, town category",
    ),
    "a mark in the middle": (lines(HEADER, *LINES[:20]) + b"\xef\xbb\xbf" + lines(*LINES[20:]), f"40 rows: {T}"),
    "two files with marks behind each other": (in_encoding("utf-8-sig") * 2, f"80 rows: {T} | said header_again"),
    "a mark before each line": (
        b"\xef\xbb\xbf" + b"\n\xef\xbb\xbf".join(in_encoding("utf-8").split(b"\n")[:-1]),
        f"40 rows: {T}",
    ),
    "UTF-16 with a mark": (in_encoding("utf-16"), f"40 rows: {T}"),
    "UTF-16, big end first, with a mark": (b"\xfe\xff" + in_encoding("utf-16-be"), f"40 rows: {T}"),
    "UTF-16 without a mark": (in_encoding("utf-16-le"), f"40 rows: {T}"),
    "UTF-16, big end first, without a mark": (in_encoding("utf-16-be"), f"40 rows: {T}"),
    "UTF-16 with two marks": (b"\xff\xfe" + in_encoding("utf-16"), f"40 rows: {T}"),
    "UTF-16 of an odd number of bytes": (in_encoding("utf-16") + b"\n", f"40 rows: {T} | said encoding"),
    "UTF-16 without a mark and of an odd number of bytes": (
        in_encoding("utf-16-le") + b"\n",
        f"40 rows: {T} | said encoding",
    ),
    "UTF-16 with half a pair": (
        in_encoding("utf-16-le", GOOD[:40]) + b"\x00\xd8" + in_encoding("utf-16-le", GOOD[40:]),
        f"40 rows: {T} | said encoding",
    ),
    "UTF-16 with a mark and half a pair": (
        in_encoding("utf-16", GOOD[:40]) + b"\x00\xd8" + in_encoding("utf-16-le", GOOD[40:]),
        f"40 rows: {T} | said encoding",
    ),
    "UTF-16 with the mark of the other end": (b"\xfe\xff" + in_encoding("utf-16-le"), f"40 rows: {T}"),
    "the mark of UTF-16 before UTF-8": (b"\xff\xfe" + in_encoding("utf-8"), f"40 rows: {T}"),
    "the mark of UTF-8 before UTF-16": (b"\xef\xbb\xbf" + in_encoding("utf-16-le"), f"40 rows: {T}"),
    "UTF-16 with UTF-8 appended": (
        in_encoding("utf-16") + lines(*LINES),
        f"40 rows: {T} | said set_aside | aside 42",
    ),
    "UTF-8 with UTF-16 appended": (
        in_encoding("utf-8") + in_encoding("utf-16-le", LINES[0] + "\n"),
        "invalid_data: column 'age': line 42: it holds a NUL byte. 2 of 42 rows cannot be read",
    ),
    "UTF-16 in Chinese": (
        in_encoding("utf-16", "年齢,町\n" + "三十一,東京\n四十七,大阪\n" * 9),
        "18 rows: 年齢 category, 町 category",
    ),
    "UTF-16 in Chinese without a mark": (
        in_encoding("utf-16-le", "年齢,町\n" + "三十一,東京\n四十七,大阪\n" * 9),
        "18 rows: 年齢 category, 町 category",
    ),
    "UTF-32 with a mark": (in_encoding("utf-32"), f"40 rows: {T}"),
    "UTF-32 without a mark": (in_encoding("utf-32-be"), f"40 rows: {T}"),
    "UTF-32 cut short": (in_encoding("utf-32")[:-3], f"40 rows: {T} | said encoding"),
    "UTF-7": (in_encoding("utf-7"), f"40 rows: {T}"),
    "Latin-1": (in_encoding("latin-1"), f"40 rows: {T} | said encoding"),
    "Windows-1252 with a dash and quotes": (
        in_encoding("cp1252", GOOD.replace("Ulm", "Ulm – “Donau”")),
        f"40 rows: {T} | said encoding",
    ),
    "Windows-1250": (in_encoding("cp1250", GOOD.replace("Ulm", "Łódź")), f"40 rows: {T} | said encoding"),
    "Windows-1251": (
        in_encoding("cp1251", GOOD.replace("Ulm", "Москва").replace("Köln", "Киев")),
        f"40 rows: {T} | said encoding",
    ),
    "Shift-JIS": (
        in_encoding("shift_jis", GOOD.replace("Ulm", "東京").replace("Köln", "大阪")),
        f"40 rows: {T} | said encoding",
    ),
    "GB18030": (in_encoding("gb18030", GOOD.replace("Ulm", "北京")), f"40 rows: {T} | said encoding"),
    "Macintosh": (in_encoding("mac-roman"), f"40 rows: {T} | said encoding"),
    "EBCDIC": (
        in_encoding("cp500"),
        "invalid_data: column '\\x81‡…k£–¦•k—\\x81‰„%òñkÂ–••kð%òøkä“”kñ%óõkÒÌ“•kð%ôòkÂ–••kñ%ôùkä",
    ),
    "DOS": (in_encoding("cp437"), f"40 rows: {T} | said encoding"),
    "one line of Latin-1 in UTF-8": (in_encoding("utf-8") + b"31,K\xf6ln,1\n", f"41 rows: {T} | said encoding"),
    "one line of UTF-8 in Latin-1": (
        in_encoding("latin-1") + "31,Köln,1\n".encode(),
        f"41 rows: {T} | said encoding",
    ),
    "UTF-8 that was encoded twice": (GOOD.encode().decode("latin-1").encode(), f"40 rows: {T}"),
    "UTF-8 cut within a letter": (
        in_encoding("utf-8", GOOD + "31,Köln")[:-4] + b"\xc3",
        f"40 rows: {T} | said encoding set_aside | aside 42",
    ),
    "overlong UTF-8": (in_encoding("utf-8") + b"31,Bo\xc0\xafnn,1\n", f"41 rows: {T} | said encoding"),
    "an overlong NUL": (in_encoding("utf-8") + b"31,Bo\xc0\x80nn,1\n", f"41 rows: {T} | said encoding"),
    "half a pair in UTF-8": (in_encoding("utf-8") + b"31,Bo\xed\xa0\x80nn,1\n", f"41 rows: {T} | said encoding"),
    "a letter beyond Unicode": (
        in_encoding("utf-8") + b"31,Bo\xf5\x80\x80\x80nn,1\n",
        f"41 rows: {T} | said encoding",
    ),
    "letters that stand for no letter": (with_line("31,Bo\ufffenn,1"), f"40 rows: {T}"),
    "letters that were replaced": (with_line("31,K\ufffdln,1"), f"40 rows: {T}"),
    "right-to-left marks": (with_line("31,\u200fבון\u200f,1"), f"40 rows: {T}"),
    "a right-to-left override": (with_line("31,\u202ennoB,1"), f"40 rows: {T}"),
    "blanks of no width": (with_line("\u200b31\u200b,Bonn,1"), f"40 rows: {T}"),
    "joined emoji": (with_line("31,👩\u200d👩\u200d👧,1"), f"40 rows: {T}"),
    "letters with marks in two forms": (with_line("31,Ko\u0308ln,1"), f"40 rows: {T}"),
    "a name with a blank of no width": (
        lines("\u200bage,town", "31,Bonn", "47,Ulm", "22,Bonn"),
        "3 rows: \u200bage integer, town category",
    ),
    "a name with a blank that does not break": (
        lines("\u00a0age,town", "31,Bonn", "47,Ulm", "22,Bonn"),
        "3 rows: age integer, town category",
    ),
    "all bytes there are": (
        bytes(range(256)) * 4,
        "invalid_data: line 2: it holds 16 different control characters; a table has none: is",
    ),
    "bytes at random": (
        random.Random(1).randbytes(3000),
        "invalid_data: line 1: it holds 6 different control characters; a table has none: is",
    ),
}
# fmt: on
