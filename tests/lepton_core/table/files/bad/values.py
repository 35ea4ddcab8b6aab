"""Columns of dates, truth values and texts of all kinds, and what each comes to."""

from tests.lepton_core.table.files.bad.made import FEW, numbers

# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "the year 0": (
        numbers(*(f"2024-01-{i:02d}" for i in range(1, 29)), "0000-01-01"),
        "29 rows: x date, y category | said delimiter | misfits '0000-01-01'",
    ),
    "the year 9999999": (
        numbers(*(f"2024-01-{i:02d}" for i in range(1, 29)), "9999999-01-01"),
        "29 rows: x date, y category | said delimiter | misfits '9999999-01-0'",
    ),
    "the 30th of February": (
        numbers(*(f"2024-01-{i:02d}" for i in range(1, 29)), "2024-02-30"),
        "29 rows: x date, y category | said delimiter | misfits '2024-02-30'",
    ),
    "a leap second": (
        numbers(*(f"2024-01-{i:02d} 23:59:59" for i in range(1, 29)), "2016-12-31 23:59:60"),
        "29 rows: x date, y category | said delimiter | misfits '2016-12-31 2'",
    ),
    "the hour 24": (
        numbers(*(f"2024-01-{i:02d} 12:00" for i in range(1, 29)), "2024-01-01 24:00"),
        "29 rows: x date, y category | said delimiter | misfits '2024-01-01 2'",
    ),
    "dates, day or month first": (
        numbers(*(f"{1 + i % 12:02d}/{1 + i % 11:02d}/2024" for i in range(40))),
        "40 rows: x date, y category | said delimiter | doubt x",
    ),
    "dates, day first": (
        numbers(*(f"{1 + i % 28:02d}/{1 + i % 12:02d}/2024" for i in range(40))),
        "40 rows: x date, y category | said delimiter",
    ),
    "dates, month first": (
        numbers(*(f"{1 + i % 12:02d}/{1 + i % 28:02d}/2024" for i in range(40))),
        "40 rows: x date, y category | said delimiter",
    ),
    "dates of two orders": (
        numbers(*(f"{13 + i % 12}/{1 + i % 12}/2024"
            if i % 2 else f"{1 + i % 12}/{13 + i % 12}/2024" for i in range(40))),
        "40 rows: x category, y category | said delimiter | doubt x",
    ),
    "dates of two digits": (
        numbers(*(f"{1 + i % 28:02d}.{1 + i % 12:02d}.{i:02d}" for i in range(40))),
        "40 rows: x date, y category | said delimiter",
    ),
    "dates in German": (
        numbers(*("3. März 2024", "5. Mai 2024", "1. Oktober 2024") * 10),
        "30 rows: x date, y category | said delimiter",
    ),
    "dates as numbers of Excel": (
        numbers(*(str(45000 + i * 7 % 300) for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "dates as seconds": (
        numbers(*(str(1714521600 + i * 977) for i in range(40))),
        "40 rows: x identifier, y category | said delimiter",
    ),
    "dates with zones": (
        numbers(*(f"2024-05-{1 + i % 28:02d}T12:00:00{('Z', '+02:00')[i % 2]}" for i in range(40))),
        "40 rows: x date, y category | said delimiter",
    ),
    "times": (
        numbers(*(f"{i % 24:02d}:{i:02d}" for i in range(40))),
        "40 rows: x duration, y category | said delimiter",
    ),
    "durations": (
        numbers(*(f"{i % 30}:{i:02d}:00" for i in range(40))),
        "40 rows: x duration, y category | said delimiter",
    ),
    "yes and no": (numbers(*("yes", "no") * 10), "20 rows: x boolean, y category | said delimiter"),
    "True and TRUE and true": (
        numbers(*("True", "FALSE", "true", "False") * 10),
        "40 rows: x boolean, y category | said delimiter",
    ),
    "yes and no in German": (numbers(*("ja", "nein") * 10), "20 rows: x boolean, y category | said delimiter"),
    "yes and no in French": (numbers(*("oui", "non") * 10), "20 rows: x boolean, y category | said delimiter"),
    "yes and no in Spanish": (numbers(*("sí", "no") * 10), "20 rows: x boolean, y category | said delimiter"),
    "yes and no in Italian": (numbers(*("sì", "no") * 10), "20 rows: x boolean, y category | said delimiter"),
    "yes and no in Russian": (numbers(*("да", "нет") * 10), "20 rows: x boolean, y category | said delimiter"),
    "yes and no in Japanese": (numbers(*("はい", "いいえ") * 10), "20 rows: x boolean, y category | said delimiter"),
    "yes and no in Chinese": (numbers(*("是", "否") * 10), "20 rows: x boolean, y category | said delimiter"),
    "yes and no in Arabic": (numbers(*("نعم", "لا") * 10), "20 rows: x boolean, y category | said delimiter"),
    "there and not there": (numbers(*("有", "無") * 10), "20 rows: x boolean, y category | said delimiter"),
    "yes and no in Turkish": (numbers(*("evet", "hayır") * 10), "20 rows: x boolean, y category | said delimiter"),
    "true and false in German": (
        numbers(*("WAHR", "FALSCH") * 10),
        "20 rows: x boolean, y category | said delimiter",
    ),
    "true and false in French": (numbers(*("VRAI", "FAUX") * 10), "20 rows: x boolean, y category | said delimiter"),
    "ticks and crosses": (numbers(*("✓", "✗") * 10), "20 rows: x category, y category | said delimiter"),
    "lists": (numbers(*("[1, 2]", "[3]") * 10), "20 rows: x text, y category | said delimiter"),
    "JSON": (
        numbers(*('{"a": 1}', '{"b": 2}') * 10),
        "20 rows: x category, y category | said delimiter stray_quote | doubt x",
    ),
    "HTML": (
        numbers(*("<b>1</b>", "<script>alert(1)</script>") * 10),
        "20 rows: x category, y category | said delimiter",
    ),
    "paths that lead out": (
        numbers(*("../../etc/passwd", "C:\\x") * 10),
        "20 rows: x category, y category | said delimiter",
    ),
    "words that a shell would run": (
        numbers(*("$(rm -rf /)", "`id`", "drop table t") * 10),
        "30 rows: x category, y category | said delimiter",
    ),
    "format codes": (
        numbers(*("%s%n", "{0.__class__}", "\\x00") * 10),
        "30 rows: x category, y category | said delimiter",
    ),
    "UUIDs": (
        numbers(*(f"{i:08x}-0000-4000-8000-{i * 7919:012x}" for i in range(40))),
        "40 rows: x identifier, y category | said delimiter",
    ),
    "addresses of mail": (
        numbers(*(f"user{i}@mail.org" for i in range(40))),
        "40 rows: x identifier, y category | said delimiter",
    ),
    "a cell of 131,073 letters": (
        numbers("x" * 131_073, *FEW),
        "21 rows: x integer, y category | said delimiter | misfits 'xxxxxxxxxxxx' | doubt x",
    ),
    "a cell of 131,073 letters in quotes": (
        numbers('"' + "x," * 65_537 + '"', *FEW),
        "21 rows: x integer, y category | said delimiter | misfits 'x,x,x,x,x,x,' | doubt x",
    ),
    "cells of 10,000 lines in quotes": (
        numbers('"' + "x\n" * 10_000 + '"', "short", "short"),
        "3 rows: x text, y category | said delimiter",
    ),
    "all cells alike": (numbers(*["7"] * 40), "40 rows: x integer, y category | said delimiter"),
    "all cells empty": (numbers(*[""] * 40), "40 rows: x empty, y category | said delimiter"),
    "all cells NA": (numbers(*["NA"] * 40), "40 rows: x empty, y category | said delimiter"),
}
# fmt: on
