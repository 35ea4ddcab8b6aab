"""Files that are laid out otherwise, or are no tables at all, and what each comes to."""

from tests.lepton_core.table.files.bad.made import lines

T = "age integer, town category, paid integer"

# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "one JSON object": (b'{ "message": "Not Found", "status": "404" }', "1 rows: message category, status integer"),
    "a table of Markdown": (
        lines("| age | town | paid |", "|---|---|---|", "| 31 | Bonn | 0 |", "| 47 | Ulm | 1 |", "| 22 | Ulm | 1 |"),
        "3 rows: age integer, town category, paid integer | said delimiter rule outer_bars",
    ),
    "a table drawn by a database": (
        lines("+-----+------+", "| age | town |", "+-----+------+", "|  31 | Bonn |",
            "|  47 | Ulm  |", "|  22 | Ulm  |", "+-----+------+"),
        "invalid_data: line 3: 1 cells, where the header has 4. 2 of 5 rows cannot be read: 1",
    ),
    "a table drawn by psql": (
        lines(" age | town ", "-----+------", "  31 | Bonn", "  47 | Ulm", "  22 | Ulm", "(3 rows)"),
        "invalid_data: line 2: 1 cells, where the header has 2. 2 of 5 rows cannot be read: 1",
    ),
    "columns of fixed width": (
        lines("age  town  paid", " 31  Bonn     0", " 47  Ulm      1", " 22  Ulm      1"),
        f"3 rows: {T} | said delimiter",
    ),
    "an ARFF file": (
        lines("@relation towns", "@attribute age numeric", "@attribute town {Bonn,Ulm}", "@data",
            "31,Bonn", "47,Ulm", "22,Ulm"),
        "invalid_data: this is an ARFF file, as Weka writes it, not CSV; write it as CSV: one line of names",
    ),
    "a LibSVM file": (
        lines(*(f"{i % 2} 1:{i} 2:{i * 7 % 5} 7:0.5" for i in range(20))),
        "20 rows: column_1 boolean, column_2 text, column_3 text, column_4 category | said delimiter no_header",
    ),
    "a script of SQL": (
        lines("CREATE TABLE t (a int, b text);", "INSERT INTO t VALUES (1,'x');", "INSERT INTO t VALUES (2,'y');"),
        "invalid_data: column 'CREATE TABLE t (a int, b text)': this is the only column; a lab",
    ),
    "a log": (
        lines(*(f"2024-05-01 12:00:{i:02d} INFO request {i} took {i * 3} ms" for i in range(20))),
        "20 rows: column_1 date, column_2 duration, column_3 category, "
        "column_4 category, column_5 integer, column_6 category, column_7 integer, column_8 category"
        " | said delimiter no_header",
    ),
    "a source file": (
        lines("import os", "", "def f(x):", "    return x, 1", "", "print(f(2))"),
        "invalid_data: line 4: 7 cells, where the header has 2. 2 of 3 rows cannot be read: 7",
    ),
    "a YAML file": (
        lines("- age: 31", "  town: Bonn", "- age: 47", "  town: Ulm"),
        "invalid_data: line 2: 2 cells, where the header has 3. 2 of 4 rows cannot be read: 2",
    ),
    "prose": (
        lines("Dear reader,", "this is a letter, and no table.", "It has some commas, here, and there.", "Yours, me"),
        "invalid_data: line 3: 3 cells, where the header has 2. To read the others: Data.from_",
    ),
}
# fmt: on
