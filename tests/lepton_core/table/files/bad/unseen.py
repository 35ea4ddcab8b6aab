"""Files with signs that nobody sees, and values at the ends of what there is, and what each comes to."""

from tests.lepton_core.table.files.bad.made import GOOD, HEADER, LINES, lines, numbers

T = "age integer, town category, paid integer"

# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "lines that end in three ways": (
        b''.join(line.encode() + (b'\r', b'\n', b'\r\n')[i % 3] for i, line in enumerate((HEADER, *LINES))),
        f"40 rows: {T}",
    ),
    "lines that end with a line separator of Unicode": (
        '\u2028'.join((HEADER, *LINES)).encode(),
        "invalid_data: line 1: it is the only line, and U+2028 (a line separator) is 40 times",
    ),
    "lines that end with a paragraph separator of Unicode": (
        '\u2029'.join((HEADER, *LINES)).encode(),
        "invalid_data: line 1: it is the only line, and U+2029 (a paragraph separator) is 40 ",
    ),
    "lines that end with a next line in UTF-8": (
        '\x85'.join((HEADER, *LINES)).encode(),
        "invalid_data: line 1: it is the only line, and U+0085 (a next line) is 40 times in i",
    ),
    "lines that end with a next line in Latin-1": (
        '\x85'.join((HEADER, *LINES)).encode('latin-1'),
        "invalid_data: line 1: it is the only line, and U+0085 (a next line) is 40 times in i",
    ),
    "lines that end with a next line in UTF-16": (
        '\x85'.join((HEADER, *LINES)).encode('utf-16'),
        "invalid_data: line 1: it is the only line, and U+0085 (a next line) is 40 times in i",
    ),
    "lines that end with a vertical tab": (
        '\x0b'.join((HEADER, *LINES)).encode(),
        "invalid_data: line 1: it is the only line, and a vertical tab is 40 times in it; if ",
    ),
    "lines that end with a form feed": (
        '\x0c'.join((HEADER, *LINES)).encode(),
        "invalid_data: line 1: it is the only line, and a form feed is 40 times in it; if tha",
    ),
    "separators of ASCII": (
        GOOD.replace(',', '\x1f').replace('\n', '\x1e').encode(),
        "invalid_data: line 1: it is the only line, and U+001E (a record separator) is 41 tim",
    ),
    "units parted by a separator of ASCII": (
        GOOD.replace(',', '\x1f').encode(),
        "invalid_data: column 'age\\x1ftown\\x1fpaid': this is the only column; a label and a f",
    ),
    "tabs inside of bars": (
        lines('a\t|b\t|c', *(f'{i}\t|\tx{i % 3}\t|{i % 2}' for i in range(30))),
        "30 rows: a integer, b category, c integer | said delimiter",
    ),
    "names whose letters are made in two ways": (
        lines('Ko\u0308ln,K\u00f6ln,y', *(f'{i % 7},{i % 5},{i % 2}' for i in range(30))),
        "30 rows: Ko\u0308ln integer, K\u00f6ln integer, y integer | said names_alike | doubt K\u00f6ln",
    ),
    "names that differ by a blank of no width": (
        lines('age,age\u200b,y', *(f'{i % 7},{i % 5},{i % 2}' for i in range(30))),
        "30 rows: age integer, age\u200b integer, y integer | said names_alike | doubt age\u200b",
    ),
    "names that differ by a ligature": (
        lines('o\ufb03ce,office,y', *(f'{i % 7},{i % 5},{i % 2}' for i in range(30))),
        "30 rows: o\ufb03ce integer, office integer, y integer | said names_alike | doubt office",
    ),
    "names in full width": (
        lines('\uff41\uff47\uff45,age,y', *(f'{i % 7},{i % 5},{i % 2}' for i in range(30))),
        "30 rows: \uff41\uff47\uff45 integer, age integer, y integer | said names_alike | doubt age",
    ),
    "names of two scripts": (
        lines('age,\u0430ge,y', *(f'{i % 7},{i % 5},{i % 2}' for i in range(30))),
        "30 rows: age integer, \u0430ge integer, y integer | doubt \u0430ge",
    ),
    "a name with colours of a terminal": (
        lines('age,\x1b[31mtown\x1b[0m,paid', *LINES),
        "40 rows: age integer, \u001b[31mtown\u001b[0m category, paid integer",
    ),
    "a name written from right to left": (
        lines('age,\u202enwot\u202c,paid', *LINES),
        "40 rows: age integer, \u202enwot\u202c category, paid integer",
    ),
    "a name that is a bell": (
        lines('\x07,town,paid', *LINES),
        "40 rows: \u0007 integer, town category, paid integer",
    ),
    "a name of 70,000 marks above one letter": (
        lines("a" + "\u0301" * 70_000 + ",town,paid", *LINES),
        "40 rows: a" + "\u0301" * 19 + " integer, town category, paid integer",
    ),
    "words that differ in what nobody sees": (
        numbers(*('Köln', 'Ko\u0308ln', 'Köln\u200b', 'Bonn') * 10),
        "40 rows: x category, y category | said delimiter",
    ),
    "blanks of all widths around numbers": (
        numbers(*(f'\u2003{i}\u3000' for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "numbers with a mark of direction": (
        numbers(*(f'\u200e{i}\u200f' for i in range(40))),
        "40 rows: x integer, y category | said delimiter",
    ),
    "the year 10000": (
        numbers(*(f'2024-01-{i:02d}' for i in range(1, 29)), '10000-01-01'),
        "29 rows: x date, y category | said delimiter | misfits '10000-01-01'",
    ),
    "the year -1": (
        numbers(*(f'2024-01-{i:02d}' for i in range(1, 29)), '-0001-01-01'),
        "29 rows: x date, y category | said delimiter | misfits '-0001-01-01'",
    ),
    "the year 1": (
        numbers(*(f'2024-01-{i:02d}' for i in range(1, 29)), '0001-01-01'),
        "29 rows: x date, y category | said delimiter",
    ),
    "zones that are none": (
        numbers(*(f'2024-01-{i:02d}T12:00:00+02:00' for i in range(1, 29)), '2024-01-01T12:00:00+25:00'),
        "29 rows: x date, y category | said delimiter | misfits '2024-01-01T1'",
    ),
    "zones by their names": (
        numbers(*(f'2024-01-{i:02d} 12:00 ' + ('CET', 'UTC', 'PST')[i % 3] for i in range(1, 29))),
        "28 rows: x date, y category | said delimiter",
    ),
    "times within a gap of summer time": (
        numbers(*(f'2024-03-31T02:{i:02d}:00' for i in range(40))),
        "40 rows: x date, y category | said delimiter",
    ),
    "nanoseconds": (
        numbers(*(f'2024-01-01T00:00:00.{i * 7919:09d}' for i in range(40))),
        "40 rows: x date, y category | said delimiter",
    ),
    "dates of other calendars": (
        numbers(*(f'令和6年1月{i}日' for i in range(1, 29))),
        "28 rows: x identifier, y category | said delimiter",
    ),
    "weeks of ISO": (
        numbers(*(f'2024-W{i:02d}-1' for i in range(1, 41))),
        "40 rows: x date, y category | said delimiter",
    ),
    "a number of a million digits": (
        numbers(*(str(i) for i in range(20)), '9' * 10**6),
        "21 rows: x integer, y category | said delimiter infinite | misfits '999999999999' | doubt x",
    ),
    "numbers of a thousand digits": (
        numbers(*('9' * 1000 + str(i) for i in range(40))),
        "40 rows: x category, y category | said delimiter",
    ),
    "exponents of a million digits": (
        numbers(*(str(i) for i in range(20)), '1e' + '9' * 10**6),
        "21 rows: x integer, y category | said delimiter infinite | misfits '1e9999999999' | doubt x",
    ),
    "a million signs before a number": (
        numbers(*(str(i) for i in range(20)), '-' * 10**6 + '1'),
        "21 rows: x integer, y category | said delimiter | misfits '------------' | doubt x",
    ),
    "a million brackets": (
        numbers(*(str(i) for i in range(20)), '(' * 10**6 + ')' * 10**6),
        "21 rows: x integer, y category | said delimiter | misfits '((((((((((((' | doubt x",
    ),
    "a million percents": (
        numbers(*(str(i) for i in range(20)), '1' + '%' * 10**6),
        "21 rows: x integer, y category | said delimiter | misfits '1%%%%%%%%%%%' | doubt x",
    ),
    "signed zeros": (
        numbers(*('0', '-0', '+0', '0.0', '-0.0') * 8),
        "40 rows: x number, y category | said delimiter | doubt x",
    ),
    "the largest of float64 and the next": (
        numbers('1.7976931348623157e308', '1.7976931348623159e308', *(str(i) for i in range(20))),
        "22 rows: x number, y category | said delimiter infinite | misfits '1.7976931348' | doubt x",
    ),
    "the smallest of float64": (
        numbers(*('5e-324', '2e-324', '1e-400', '1') * 10),
        "40 rows: x category, y category | said delimiter",
    ),
    "delimiters and nothing else in 3,000 lines": (
        lines(*[','] * 3000),
        "invalid_data: column 'column_1': this is the only column; a label and a feature are ",
    ),
    "quotes and delimiters in turns": (
        b'",' * 3000,
        "invalid_data: there are no rows below the header; add some, or, if its line is a row",
    ),
    "one column of quotes that are open": (
        lines('a,y', *['"1,p'] * 40),
        "invalid_data: column 'a': line 2: a quote is opened and never closed. 40 of 40 rows ",
    ),
    "a header in quotes over two lines in each name": (
        lines('"a\nb","c\r\nd",y', *(f'{i % 7},{i % 5},{i % 2}' for i in range(30))),
        "30 rows: a\nb integer, c\r\nd integer, y integer | doubt c\r\nd",
    ),
}
# fmt: on
