"""Columns of numbers in all kinds of clothes, and what each comes to."""

from tests.lepton_core.table.files.bad.made import FEW, MANY, MORE, numbers

# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "1e400": (
        numbers(*FEW, "1e400"),
        "21 rows: x integer, y category | said delimiter infinite | misfits '1e400' | doubt x",
    ),
    "minus 1e400": (
        numbers(*FEW, "-1e400"),
        "21 rows: x integer, y category | said delimiter infinite | misfits '-1e400' | doubt x",
    ),
    "1e-400": (numbers(*FEW, "1e-400"), "21 rows: x number, y category | said delimiter"),
    "a number of 400 digits": (
        numbers(*FEW, "9" * 400),
        "21 rows: x integer, y category | said delimiter infinite | misfits '999999999999' | doubt x",
    ),
    "a number of 100,000 digits": (
        numbers(*FEW, "9" * 100_000),
        "21 rows: x integer, y category | said delimiter infinite | misfits '999999999999' | doubt x",
    ),
    "a float of 1,000 decimals": (
        numbers(*(f"{i}.5" for i in range(20)), "0." + "3" * 1000),
        "21 rows: x number, y category | said delimiter",
    ),
    "1_000": (numbers(*FEW, "1_000"), "21 rows: x integer, y category | said delimiter | misfits '1_000' | doubt x"),
    "infinity": (
        numbers(*FEW, "inf"),
        "21 rows: x integer, y category | said delimiter infinite | misfits 'inf' | doubt x",
    ),
    "Infinity of Java": (
        numbers(*FEW, "Infinity", "-Infinity"),
        "22 rows: x identifier, y category | said delimiter",
    ),
    "the sign of infinity": (
        numbers(*FEW, "∞"),
        "21 rows: x integer, y category | said delimiter | misfits '\\u221e' | doubt x",
    ),
    "NaN": (numbers(*FEW, "NaN", "nan", "-nan", "1.#QNAN"), "24 rows: x integer, y category | said delimiter"),
    "NaN of R and Matlab": (
        numbers(*FEW, "NA", "NaN", "Inf"),
        "23 rows: x integer, y category | said delimiter infinite | misfits 'Inf' | doubt x",
    ),
    "0x10": (numbers(*FEW, "0x10"), "21 rows: x integer, y category | said delimiter | misfits '0x10' | doubt x"),
    "0b1 and 0o7": (
        numbers(*FEW, "0b1", "0o7"),
        "22 rows: x integer, y category | said delimiter | misfits '0b1' '0o7' | doubt x",
    ),
    "hexadecimal codes": (
        numbers(*(f"0x{i * 37 % 256:02X}" for i in range(40))),
        "40 rows: x identifier, y category | said delimiter",
    ),
    "codes that look like powers": (
        numbers(*("1e5", "2e5", "3a7", "4b2", "5e1") * 8),
        "40 rows: x category, y category | said delimiter",
    ),
    "padded codes": (numbers(*("007", "042", "101", "250") * 10), "40 rows: x category, y category | said delimiter"),
    "one padded code": (numbers(*MANY, "007"), "41 rows: x identifier, y category | said delimiter"),
    "postcodes": (
        numbers(*("01010", "90210", "10001", "02134") * 10),
        "40 rows: x category, y category | said delimiter",
    ),
    "account numbers": (
        numbers(*(f"90071992547409{i:02d}" for i in range(40))),
        "40 rows: x identifier, y category | said delimiter",
    ),
    "integers beyond 2**53": (
        numbers(*(str(2**60 + i) for i in range(40))),
        "40 rows: x identifier, y category | said delimiter",
    ),
    "a formula": (
        numbers(*FEW, "=1+1"),
        "21 rows: x integer, y category | said delimiter | misfits '=1+1' | doubt x",
    ),
    "formulas": (numbers(*(f"=A{i}+1" for i in range(40))), "40 rows: x category, y category | said delimiter"),
    "a formula that calls": (
        numbers(*FEW, "=cmd|' /C calc'!A0"),
        '21 rows: x integer, y category | said delimiter | misfits "=cmd|\' /C ca" | doubt x',
    ),
    "a text made of a formula": (
        numbers(*('="0123"', '="0456"') * 10),
        "20 rows: x category, y category | said delimiter stray_quote",
    ),
    "an error of a spreadsheet": (
        numbers(*FEW, "#DIV/0!", "#REF!"),
        "22 rows: x integer, y category | said delimiter",
    ),
    "dates lost to ###": (numbers(*("####", "#####") * 10), "20 rows: x date, y category | said delimiter | doubt x"),
    "thousands parted by commas": (
        numbers(*(f"{i * 1234:,}" for i in range(40))),
        "40 rows: x integer, y category | said delimiter | doubt x",
    ),
    "thousands parted by points": (
        numbers(*(f"{i * 1234567:,}".replace(",", ".") for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "thousands parted by blanks": (
        numbers(*(f"{i * 1234:,}".replace(",", " ") for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "thousands parted by blanks that do not break": (
        numbers(*(f"{i * 1234:,}".replace(",", "\u00a0") for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "thousands parted by narrow blanks": (
        numbers(*(f"{i * 1234:,}".replace(",", "\u202f") for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "thousands parted by apostrophes": (
        numbers(*(f"{i * 1234:,}".replace(",", "'") for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "thousands of India": (
        numbers(*("1,00,000", "2,50,000", "12,34,567", "99,999") * 10),
        "40 rows: x integer, y category | said delimiter",
    ),
    "decimal commas": (
        numbers(*(f"{i},{i * 7 % 100:02d}" for i in range(40))),
        "40 rows: x number, y category | said delimiter",
    ),
    "decimal commas that may be groups": (
        numbers(*(f"{i + 1},{i * 7 + 100:03d}" for i in range(40))),
        "40 rows: x integer, y category | said delimiter | doubt x",
    ),
    "decimal commas and points in one column": (
        numbers(*(f"{i},5" if i % 2 else f"{i}.5" for i in range(40))),
        "40 rows: x text, y category | said delimiter | doubt x",
    ),
    "one decimal comma among points": (
        numbers(*(f"{i}.25" for i in range(40)), "7,25"),
        "41 rows: x number, y category | said delimiter | misfits '7,25' | doubt x",
    ),
    "commas and points that disagree": (
        numbers(*("1,234.5", "1.234,5") * 20),
        "40 rows: x text, y category | said delimiter | doubt x",
    ),
    "Arabic digits": (numbers(*("٣", "٤", "٥") * 10), "30 rows: x category, y category | said delimiter"),
    "one cell of Arabic digits": (
        numbers(*MANY, "٣"),
        "41 rows: x integer, y category | said delimiter | misfits '\\u0663' | doubt x",
    ),
    "full-width digits": (numbers(*("１２", "３４", "５６") * 10), "30 rows: x category, y category | said delimiter"),
    "one cell of full-width digits": (
        numbers(*MANY, "１２"),
        "41 rows: x integer, y category | said delimiter | misfits '\\uff11\\uff12' | doubt x",
    ),
    "Roman numbers": (numbers(*("I", "II", "III", "IV") * 10), "40 rows: x category, y category | said delimiter"),
    "fractions": (numbers(*("1/2", "3/4", "5/8") * 10), "30 rows: x category, y category | said delimiter"),
    "a half as one letter": (
        numbers(*MANY, "½"),
        "41 rows: x integer, y category | said delimiter | misfits '\\xbd' | doubt x",
    ),
    "a power in letters above": (
        numbers(*(f"{i}²" for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "prices": (
        numbers(*(f"${i * 77:,}" for i in range(40))),
        "40 rows: x integer, y category | said delimiter | doubt x",
    ),
    "prices in several currencies": (
        numbers(*("$5", "€5", "£7", "¥9") * 10),
        "40 rows: x category, y category | said delimiter | doubt x",
    ),
    "percents": (numbers(*(f"{i / 4}%" for i in range(40))), "40 rows: x number, y category | said delimiter"),
    "percents and shares": (
        numbers(*(f"{i}%" if i % 2 else f"{i / 100}" for i in range(40))),
        "40 rows: x number, y category | said delimiter | doubt x",
    ),
    "losses in brackets": (
        numbers(*(f"({i})" if i % 2 else str(i) for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "a minus behind": (
        numbers(*(f"{i}-" if i % 2 else str(i) for i in range(40))),
        "40 rows: x identifier, y category | said delimiter",
    ),
    "a minus of typography": (
        numbers(*(f"−{i}" if i % 2 else str(i) for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "units": (numbers(*(f"{i} kg" for i in range(40))), "40 rows: x integer, y category | said delimiter"),
    "mixed units": (
        numbers(*(f"{i} kg" if i % 2 else f"{i} lb" for i in range(40))),
        "40 rows: x identifier, y category | said delimiter | doubt x",
    ),
    "thousands as k and millions as M": (
        numbers(*(f"{i}k" if i % 2 else f"{i}M" for i in range(40))),
        "40 rows: x identifier, y category | said delimiter | doubt x",
    ),
    "bounds": (numbers(*MANY, "<5", ">=90", "~7"), "43 rows: x integer, y category | said delimiter | doubt x"),
    "ranges": (numbers(*("18-25", "26-35", "36-50", "51+") * 10), "40 rows: x category, y category | said delimiter"),
    "versions": (numbers(*("1.2.3", "1.10.0", "2.0.1") * 10), "30 rows: x text, y category | said delimiter"),
    "addresses of the internet": (
        numbers(*(f"10.0.{i % 7}.{i}" for i in range(40))),
        "40 rows: x text, y category | said delimiter",
    ),
    "phone numbers": (
        numbers(*(f"+49 228 {i * 7919:06d}" for i in range(40))),
        "40 rows: x identifier, y category | said delimiter | doubt x",
    ),
    "blanks around numbers": (
        numbers(*(f"  {i}  " for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "numbers in quotes": (numbers(*(f'"{i}"' for i in range(40))), "40 rows: x integer, y category | said delimiter"),
    "numbers in apostrophes": (
        numbers(*(f"'{i}'" for i in range(40))),
        "40 rows: x integer, y category | said delimiter quote",
    ),
    "an apostrophe of Excel before numbers": (
        numbers(*(f"'{i}" for i in range(40))),
        "40 rows: x text, y category | said delimiter",
    ),
    "missing in many spellings": (
        numbers(*MANY, "NA", "n/a", "?", "-", ".", "#N/A", "<NA>", "\\N", "NULL", "None"),
        "50 rows: x integer, y category | said delimiter",
    ),
    "missing as words": (
        numbers(*MANY, *["missing"] * 6, *["unknown"] * 6),
        "52 rows: x integer, y category | said delimiter | doubt x",
    ),
    "missing as -999": (numbers(*MANY, *["-999"] * 10), "50 rows: x integer, y category | said delimiter"),
    "two words among numbers": (
        numbers(*MORE, "T", "trace"),
        "100 rows: x integer, y category | said delimiter | misfits 'T' 'trace' | doubt x",
    ),
    "half words, half numbers": (
        numbers(*(str(i) if i % 2 else f"word {i}" for i in range(40))),
        "40 rows: x identifier, y category | said delimiter",
    ),
}
# fmt: on
