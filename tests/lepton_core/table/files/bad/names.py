"""Files whose names, or what stands above them, are wrong, and what each comes to."""

from tests.lepton_core.table.files.bad.made import GOOD, HEADER, LINES, above, lines

T = "age integer, town category, paid integer"

# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "a name twice": (
        lines("x,x,paid", "1,2,0", "3,4,1", "5,6,0"),
        "3 rows: x integer, x_2 integer, paid integer | said name_twice",
    ),
    "a name three times": (
        lines("x,x,x", "1,2,0", "3,4,1", "5,6,0"),
        "3 rows: x integer, x_2 integer, x_3 integer | said name_twice",
    ),
    "names that differ by case": (
        lines("x,X,paid", "1,2,0", "3,4,1", "5,6,0"),
        "3 rows: x integer, X integer, paid integer",
    ),
    "names that differ by blanks": (
        lines("x, x,paid", "1,2,0", "3,4,1", "5,6,0"),
        "3 rows: x integer, x_2 integer, paid integer | said name_twice",
    ),
    "a name that the second would get": (
        lines("x,x_2,x", "1,2,0", "3,4,1", "5,6,0"),
        "3 rows: x integer, x_2 integer, x_3 integer | said name_twice",
    ),
    "an empty name": (
        lines("age,,paid", "31,Bonn,0", "47,Ulm,1"),
        "2 rows: age integer, column_2 category, paid integer | said no_name",
    ),
    "an empty name in quotes": (
        lines('age,"",paid', "31,Bonn,0", "47,Ulm,1"),
        "2 rows: age integer, column_2 category, paid integer | said no_name",
    ),
    "a name of blanks": (
        lines("age,   ,paid", "31,Bonn,0", "47,Ulm,1"),
        "2 rows: age integer, column_2 category, paid integer | said no_name",
    ),
    "only the first has a name": (
        lines("age,,", "31,Bonn,0", "47,Ulm,1"),
        "2 rows: column_1 integer, column_2 category, column_3 integer | said no_header lines_above",
    ),
    "only the last has a name": (
        lines(",,paid", "31,Bonn,0", "47,Ulm,1"),
        "2 rows: column_1 integer, column_2 category, paid integer | said no_name",
    ),
    "no name at all": (
        lines(",,", "31,Bonn,0", "47,Ulm,1"),
        "2 rows: column_1 integer, column_2 category, column_3 integer | said no_header lines_above",
    ),
    "a name that a nameless column would get": (
        lines("column_2,,paid", "31,Bonn,0", "47,Ulm,1"),
        "2 rows: column_2 integer, column_2_2 category, paid integer | said no_name name_twice",
    ),
    "an index without a name": (
        lines(",age,paid", "0,31,n", "1,47,y", "2,22,n"),
        "3 rows: age integer, paid boolean | said index",
    ),
    "an index of R": (
        lines('"","age","paid"', '"1",31,"n"', '"2",47,"y"'),
        "2 rows: age integer, paid boolean | said index",
    ),
    "row names without a name above": (
        lines("age,paid", "Ann,31,n", "Ben,47,y", "Cal,22,n"),
        "3 rows: column_1 category, age integer, paid boolean | said no_name",
    ),
    "two indices without names": (
        lines(",,age,paid", "0,0,31,n", "1,1,47,y", "2,2,22,n"),
        "3 rows: column_1 integer, age integer, paid boolean | said index no_name",
    ),
    "Unnamed columns of pandas": (
        lines("Unnamed: 0,age,paid", "0,31,n", "1,47,y", "2,22,n"),
        "3 rows: Unnamed: 0 integer, age integer, paid boolean",
    ),
    "no header, numbers": (
        lines("5.1,3.5,0", "4.9,3.0,1", "4.7,3.2,0"),
        "3 rows: column_1 number, column_2 number, column_3 integer | said no_header",
    ),
    "no header, a zero first": (
        lines("0,3.5,0", "4.9,3.0,1", "4.7,3.2,0"),
        "3 rows: column_1 number, column_2 number, column_3 integer | said no_header",
    ),
    "no header, texts": (
        lines(*("red,small,yes", "blue,large,no", "red,large,no", "blue,small,yes") * 3),
        "12 rows: column_1 category, column_2 category, column_3 boolean | said no_header",
    ),
    "no header, dates": (
        lines("2024-01-01,Bonn,3", "2024-01-02,Ulm,4", "2024-01-03,Ulm,5"),
        "3 rows: column_1 date, column_2 category, column_3 integer | said no_header",
    ),
    "names of numbers": (
        lines("2001,2002,2003,town", "1,2,3,Bonn", "4,5,6,Ulm", "7,8,9,Ulm"),
        "3 rows: 2001 integer, 2002 integer, 2003 integer, town category",
    ),
    "a unit below each name": (
        lines("time,length,mass", "s,m,kg", "0,1,2", "1,3,4", "2,5,6", "3,7,8"),
        "invalid_data: the lines 1 and 2 both look like headers; say which has the names: Data",
    ),
    "units in brackets": (
        lines("time [s],length (m),mass/kg", "0,1,2", "1,3,4", "2,5,6"),
        "3 rows: time [s] integer, length (m) integer, mass/kg integer",
    ),
    "two header lines, the first over two columns": (
        lines("control,,fire,", "x,y,x,y", "1,2,3,4", "5,6,7,8", "9,1,2,3"),
        "3 rows: control x integer, control y integer, fire x integer, fire y integer | said names_joined",
    ),
    "two header lines of texts": (
        lines("time,posx,posy", "s,m,m", "0,1,2", "1,3,4", "2,5,6"),
        "invalid_data: the lines 1 and 2 both look like headers; say which has the names: Data",
    ),
    "a title": (above("Report of 2024"), f"40 rows: {T} | said lines_above"),
    "a title and a blank line": (above("Report of 2024", ""), f"40 rows: {T} | said lines_above"),
    "a title with delimiters": (above("Report,,", ",,"), f"40 rows: {T} | said lines_above"),
    "a title with a comma": (above("Towns, by age"), f"40 rows: {T} | said lines_above"),
    "a title in quotes": (above('"Report, of 2024"'), f"40 rows: {T} | said lines_above"),
    "many lines of title": (above(*(f"note {i}" for i in range(25))), f"40 rows: {T} | said lines_above"),
    "a comment": (above("# made by me"), f"40 rows: {T} | said lines_above"),
    "comments with delimiters": (
        above("# made by me, in Bonn", "# on 2024-05-01, at noon"),
        f"40 rows: {T} | said lines_above",
    ),
    "the names in a comment": (lines("#" + HEADER, *LINES), f"40 rows: #{T}"),
    "a comment of keys": (above("%table: towns", "%rows: 40"), f"40 rows: {T} | said lines_above"),
    "front matter": (above("---", "title: towns", "---"), f"40 rows: {T} | said lines_above"),
    "sep= of Excel": (b"sep=;\n" + GOOD.replace(",", ";").encode(), f"40 rows: {T}"),
    "sep= of Excel in quotes": (b'"sep=;"\r\n' + GOOD.replace(",", ";").encode(), f"40 rows: {T}"),
    "sep= of Excel and a mark": (b"\xef\xbb\xbfsep=;\n" + GOOD.replace(",", ";").encode(), f"40 rows: {T}"),
    "sep= of Excel that is wrong": (
        b"sep=;\n" + GOOD.encode(),
        "invalid_data: column 'age,town,paid': this is the only column; a label and a feature",
    ),
    "sep= without a sign": (b"sep=\n" + GOOD.encode(), f"40 rows: {T} | said lines_above"),
    "SEP= in capitals and a tab": (b"SEP=\t\n" + GOOD.replace(",", "\t").encode(), f"40 rows: {T}"),
    "a blank line first": (above(""), f"40 rows: {T}"),
    "delimiters first": (above(",,", ",,"), f"40 rows: {T} | said lines_above"),
    "a header of one cell less": (
        lines("age,town", *LINES),
        "invalid_data: line 1: the header has 2 names, and the rows have 3 cells; correct it,",
    ),
    "a header of one cell more": (
        lines(HEADER + ",size", *LINES),
        "invalid_data: line 1: the header has 4 names, and the rows have 3 cells; correct it,",
    ),
    "a header with an open quote": (
        lines('age,"town,paid', *LINES),
        "invalid_data: line 1: the header cannot be read: a quote is opened and never closed;",
    ),
    "a header of two lines in quotes": (
        lines('age,"town\nof birth",paid', *LINES),
        "40 rows: age integer, town\nof birth category, paid integer",
    ),
    "a header with a NUL": (
        lines("age,to\0wn,paid", *LINES),
        "invalid_data: line 1: the header cannot be read: it holds a NUL byte; a table has non",
    ),
    "a header in other quotes": (lines("'age','town','paid'", *LINES), f"40 rows: {T} | said quote"),
    "a header with tabs over rows with commas": (
        lines("age\ttown\tpaid", *LINES),
        "40 rows: column_1 integer, column_2 category, column_3 integer | said no_header lines_above",
    ),
    "a header that is a row of it": (
        lines(LINES[0], HEADER, *LINES[1:]),
        "40 rows: column_1 integer, column_2 category, column_3 integer"
        " | said no_header no_label header_within | misfits 'age' 'paid' | aside 2 | doubt column_1 column_3",
    ),
    "a header at the end": (
        lines(*LINES, HEADER),
        "40 rows: column_1 integer, column_2 category, column_3 integer"
        " | said no_header no_label header_within | misfits 'age' 'paid' | aside 41 | doubt column_1 column_3",
    ),
    "a name of a formula": (lines("=1+1,town,paid", *LINES), "40 rows: =1+1 integer, town category, paid integer"),
    "a name of a thousand letters": (
        lines("n" * 1000 + ",town,paid", *LINES),
        "40 rows: nnnnnnnnnnnnnnnnnnnn integer, town category, paid integer",
    ),
    "a name of a million letters": (
        lines("n" * 10**6 + ",town,paid", *LINES),
        "40 rows: nnnnnnnnnnnnnnnnnnnn integer, town category, paid integer",
    ),
    "names of emoji": (lines("🎂,🏠,💰", *LINES), "40 rows: 🎂 integer, 🏠 category, 💰 integer"),
    "names of quotes": (
        lines('"""age""","to,wn","pa\'id"', *LINES),
        '40 rows: "age" integer, to,wn category, pa\'id integer',
    ),
    "names like Python's own": (
        lines("__class__,self,None", *LINES),
        "40 rows: __class__ integer, self category, None integer",
    ),
    "names like a path": (
        lines("../../etc/passwd,C:\\x,%00", *LINES),
        "40 rows: ../../etc/passwd integer, C:\\x category, %00 integer",
    ),
}
# fmt: on
