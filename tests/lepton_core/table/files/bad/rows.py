"""Files whose rows or lines are wrong, and what each comes to."""

from tests.lepton_core.table.files.bad.made import GOOD, HEADER, LINES, below, lines, with_line

T = "age integer, town category, paid integer"

# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "one cell too many": (with_line("31,Bonn,1,7"), f"39 rows: {T} | said set_aside | aside 20"),
    "one cell too few": (with_line("31,Bonn"), f"39 rows: {T} | said set_aside | aside 20"),
    "a blank cell behind one row": (with_line("31,Bonn,1,"), f"39 rows: {T} | said set_aside | aside 20"),
    "a delimiter alone in a line": (with_line(","), f"39 rows: {T} | said set_aside | aside 20"),
    "delimiters alone in a line": (with_line(",,"), f"39 rows: {T} | said no_label | aside 20"),
    "a word alone in a line": (with_line("oops"), f"39 rows: {T} | said set_aside | aside 20"),
    "a line of blanks": (with_line("   "), f"39 rows: {T}"),
    "a line of tabs": (with_line("\t\t"), f"39 rows: {T} | said set_aside | aside 20"),
    "a blank line": (with_line(""), f"39 rows: {T}"),
    "a quote opened and never closed": (with_line('31,"Bonn,1'), f"39 rows: {T} | said set_aside | aside 20"),
    "a quote opened in the first cell": (with_line('"31,Bonn,1'), f"39 rows: {T} | said set_aside | aside 20"),
    "a quote opened in the last cell": (with_line('31,Bonn,"1'), f"39 rows: {T} | said set_aside | aside 20"),
    "a quote behind a word": (with_line('31,Bonn",1'), f"40 rows: {T} | said stray_quote"),
    "a quote within a word": (with_line('31,Bo"nn,1'), f"40 rows: {T} | said stray_quote"),
    "a quote before a word in quotes": (with_line('31,""Bonn",1'), f"39 rows: {T} | said set_aside | aside 20"),
    "text behind a closing quote": (with_line('31,"Bonn"x,1'), f"39 rows: {T} | said set_aside | aside 20"),
    "text before an opening quote": (with_line('31,x"Bonn, city",1'), f"39 rows: {T} | said set_aside | aside 20"),
    "a quote alone": (with_line('31,",1'), f"39 rows: {T} | said set_aside | aside 20"),
    "two quotes alone": (with_line('31,"",1'), f"40 rows: {T}"),
    "three quotes alone": (with_line('31,""",1'), f"39 rows: {T} | said set_aside | aside 20"),
    "four quotes alone": (with_line('31,"""",1'), f"40 rows: {T}"),
    "a row in quotes": (with_line('"31,Bonn,1"'), f"39 rows: {T} | said set_aside | aside 20"),
    "a cell of two lines": (with_line('31,"Bonn\nam Rhein",1'), f"40 rows: {T}"),
    "a cell of two lines, not quoted": (
        with_line("31,Bonn\nam Rhein,1"),
        "invalid_data: line 20: 2 cells, where the header has 3. 2 of 41 rows cannot be read:",
    ),
    "a backslash before a delimiter": (with_line("31,Bonn\\,city,1"), f"39 rows: {T} | said set_aside | aside 20"),
    "a backslash before a quote": (with_line('31,"Bonn \\"city\\"",1'), f"40 rows: {T} | said escape"),
    "a backslash at the end of a line": (
        with_line("31,Bonn,1\\"),
        f"39 rows: {T} | said no_label | misfits '1\\\\' | aside 20 | doubt paid",
    ),
    "an apostrophe within a word": (with_line("31,L'Aquila,1"), f"40 rows: {T}"),
    "an apostrophe opened": (with_line("31,'Bonn,1"), f"40 rows: {T}"),
    "a NUL byte": (with_line("31,Bo\0nn,1"), f"39 rows: {T} | said set_aside | aside 20"),
    "a NUL byte alone": (with_line("\0"), f"39 rows: {T} | said set_aside | aside 20"),
    "a file of NUL bytes": (
        bytes(1000),
        "invalid_data: line 1: the header cannot be read: it holds a NUL byte; a table has non",
    ),
    "a file that was not written to its end": (below() + bytes(4096), f"40 rows: {T} | said set_aside | aside 42"),
    "a semicolon for a comma": (with_line("31;Bonn;1"), f"39 rows: {T} | said set_aside | aside 20"),
    "a tab for a comma": (with_line("31\tBonn\t1"), f"39 rows: {T} | said set_aside | aside 20"),
    "a bell": (with_line("31,Bo\ann,1"), f"40 rows: {T}"),
    "an escape sequence of a terminal": (
        with_line("\x1b[31m31,Bonn,1\x1b[0m"),
        f"39 rows: {T} | said no_label header_within | misfits '\\x1b[31m31' '1\\x1b[0m' | aside 20 | doubt age paid",
    ),
    "a Ctrl-Z of DOS at the end": (below() + b"\x1a", f"40 rows: {T} | said set_aside | aside 42"),
    "a vertical tab within a line": (with_line("31,Bo\x0bnn,1"), f"40 rows: {T}"),
    "a form feed within a line": (with_line("31,Bo\x0cnn,1"), f"40 rows: {T}"),
    "a form feed between lines": (with_line("\x0c31,Bonn,1"), f"40 rows: {T}"),
    "a NEL within a line": (with_line("31,Bo\x85nn,1"), f"40 rows: {T} | said encoding"),
    "a line separator of Unicode within a line": (with_line("31,Bo\u2028nn,1"), f"40 rows: {T}"),
    "a paragraph separator of Unicode within a line": (with_line("31,Bo\u2029nn,1"), f"40 rows: {T}"),
    "a carriage return within a line": (
        with_line("31,Bo\rnn,1"),
        "invalid_data: line 20: 2 cells, where the header has 3. 2 of 41 rows cannot be read:",
    ),
    "lines that end with two carriage returns": (lines(HEADER, *LINES, end="\r\r\n"), f"40 rows: {T}"),
    "lines that end with a carriage return alone": (lines(HEADER, *LINES, end="\r"), f"40 rows: {T}"),
    "lines that end in turns with a line feed and with two signs": (
        lines(HEADER, *LINES[:20]) + lines(*LINES[20:], end="\r\n"),
        f"40 rows: {T}",
    ),
    "lines that end with line feed and carriage return": (lines(HEADER, *LINES, end="\n\r"), f"40 rows: {T}"),
    "no end of the last line": (lines(HEADER, *LINES)[:-1], f"40 rows: {T}"),
    "the last line is cut within a cell": (lines(HEADER, *LINES)[:-3], f"39 rows: {T} | said set_aside | aside 41"),
    "the last line is cut within quotes": (
        lines(HEADER, *LINES) + b'31,"Bon',
        f"40 rows: {T} | said set_aside | aside 42",
    ),
    "a quote at the end of the file": (
        lines(HEADER, *LINES) + b'31,Bonn,"',
        f"40 rows: {T} | said set_aside | aside 42",
    ),
    "a quote alone at the end of the file": (
        lines(HEADER, *LINES) + b'"',
        f"40 rows: {T} | said set_aside | aside 42",
    ),
    "empty rows at the end": (below(",,", ",,", ",,"), f"40 rows: {T} | said empty_rows"),
    "empty rows in between": (with_line(",,", times=3), f"39 rows: {T} | said no_label | aside 20 21 22"),
    "a total below": (below("Total,,20"), f"40 rows: {T} | said total | aside 42"),
    "a total in the first cell alone": (below("Total: 40 rows"), f"40 rows: {T} | said set_aside | aside 42"),
    "a footer of several lines": (
        below("", "Source: town hall", "printed on 2024-05-01"),
        f"40 rows: {T} | said set_aside | aside 43 44",
    ),
    "a footer of a database": (below("", "(40 rows affected)"), f"40 rows: {T} | said set_aside | aside 43"),
    "a comment between the rows": (with_line("# 31,Bonn,1"), f"40 rows: {T} | misfits '# 31' | doubt age"),
    "a comment below": (below("# end of file"), f"40 rows: {T} | said set_aside | aside 42"),
    "the header again": (below(HEADER, *LINES), f"80 rows: {T} | said header_again"),
    "the header again, three times": (
        below(HEADER, *LINES[:3], HEADER, *LINES[:4], HEADER, *LINES[:5]),
        f"52 rows: {T} | said header_again",
    ),
    "another header below": (
        below("size,colour", *["1,red"] * 10),
        "invalid_data: line 42: 2 cells, where the header has 3. 11 of 51 rows cannot be read:",
    ),
    "another table of the same width below": (
        below("", "size,colour,weight", *["1,red,2"] * 10),
        f"50 rows: {T} | said no_label header_within | misfits 'size' 'weight' | aside 43 | doubt age paid",
    ),
    "half of the rows have one cell more": (
        lines(HEADER, *(line + ",x" * (i % 2) for i, line in enumerate(LINES))),
        "invalid_data: line 3: 4 cells, where the header has 3. 20 of 40 rows cannot be read:",
    ),
    "all rows have one cell more": (
        lines(HEADER, *(line + ",x" for line in LINES)),
        "invalid_data: line 1: the header has 3 names, and the rows have 4 cells; correct it,",
    ),
    "all rows have one cell less": (
        lines(HEADER + ",more", *LINES),
        "invalid_data: line 1: the header has 4 names, and the rows have 3 cells; correct it,",
    ),
    "all rows end with a delimiter": (
        lines(HEADER, *(line + "," for line in LINES)),
        f"40 rows: {T} | said empty_columns",
    ),
    "all lines end with delimiters": (
        lines(HEADER + ",,", *(line + ",," for line in LINES)),
        f"40 rows: {T} | said empty_columns",
    ),
    "all lines begin with a delimiter": (
        lines("," + HEADER, *("," + line for line in LINES)),
        f"40 rows: column_1 empty, {T} | said no_name",
    ),
    "each row in quotes, the header not": (
        lines(HEADER, *(f'"{line}"' for line in LINES)),
        f"40 rows: {T} | said lines_in_quotes",
    ),
    "each line in quotes": (
        lines(f'"{HEADER}"', *(f'"{line}"' for line in LINES)),
        f"40 rows: {T} | said lines_in_quotes",
    ),
    "each line twice": (
        lines(*(line for one in (HEADER, *LINES) for line in (one, one))),
        f"80 rows: {T} | said header_again",
    ),
    "a blank line behind each line": (lines(HEADER, *LINES, end="\n\n"), f"40 rows: {T}"),
    "blanks around each cell": ((" , ".join(GOOD.split(","))).encode(), f"40 rows: {T}"),
    "a line without an end between two files": (
        lines(HEADER, *LINES)[:-1] + lines(HEADER, *LINES),
        f"79 rows: {T} | said set_aside | aside 41",
    ),
    "a merge that git could not make": (
        with_line("<<<<<<< HEAD") + lines("=======", ">>>>>>> theirs"),
        f"39 rows: {T} | said set_aside | aside 20 42 43",
    ),
    "rows that get longer and longer": (
        lines("a,b", *(",".join("x" * (1 + i % 7)) for i in range(40))),
        "invalid_data: line 2: 1 cells, where the header has 2. 34 of 40 rows cannot be read:",
    ),
    "only quotes": (
        b'"' * 1000,
        'invalid_data: column \'"""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""""',
    ),
    "only quotes in pairs, in lines": (
        lines(*['""'] * 50),
        "invalid_data: column 'column_1': this is the only column; a label and a feature are n",
    ),
    "only delimiters": (b"," * 1000, "invalid_data: there are no rows below the header"),
    "only delimiters in lines": (
        lines(*[",,,"] * 50),
        "invalid_data: column 'column_1': this is the only column; a label and a feature are n",
    ),
    "only line ends": (b"\n" * 1000, "invalid_data: the file is empty"),
    "only carriage returns": (b"\r" * 1000, "invalid_data: the file is empty"),
    "only blanks": (b" " * 1000, "invalid_data: the file is empty"),
    "only tabs": (b"\t" * 1000, "invalid_data: there are no rows below the header"),
    "one cell": (b"x", "invalid_data: column 'x': this is the only column; a label and a feature are needed:"),
    "one number": (b"5", "invalid_data: column 'column_1': this is the only column; a label and a feature are n"),
    "one line": (b"a,b,c", "invalid_data: there are no rows below the header"),
    "one line of numbers": (
        b"1,2,3\n",
        "1 rows: column_1 integer, column_2 integer, column_3 integer | said no_header",
    ),
    "one column": (
        lines("a", *"123456"),
        "invalid_data: column 'a': this is the only column; a label and a feature are needed:",
    ),
    "one column of text": (
        lines(*(f"line {i} of a letter, with a comma" * (i % 2) + "word" for i in range(9))),
        "invalid_data: column 'column_1': this is the only column; a label and a feature are n",
    ),
    "nothing": (b"", "invalid_data: the file is empty"),
    "header and one row": (lines("a,b", "1,2"), "1 rows: a integer, b integer"),
    "header alone": (lines(HEADER), "invalid_data: there are no rows below the header"),
    "header and empty rows": (lines(HEADER, ",,", ",,"), "invalid_data: there are no rows below the header"),
}
# fmt: on
