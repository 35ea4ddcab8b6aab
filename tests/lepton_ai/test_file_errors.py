"""What is wrong with a file, or with what is said of it, names the file, and what to do."""

from pathlib import Path
from typing import Any

import pytest

from lepton_ai import Data, InvalidInput

TABLE = b"age,town,paid\n" + b"".join(b"%d,%s,%d\n" % (i, b"ab"[i % 2 : i % 2 + 1], i % 2) for i in range(60))
BYTES = bytes(range(1, 256)) * 4


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (b"", {}, "the file is empty; a table has the names of its columns in a line"),
        (b"age,paid\n", {}, "Data.from_csv(path, header=False)"),
        (b"age,paid\n1,\n2,\n", {"label": "paid"}, "fill the column, or name another one with label=..."),
        (BYTES, {}, "different control characters; a table has none: is it another kind of file"),
        (b"PAR1abcPAR1", {}, "get it again, or write it again as CSV"),
        (TABLE, {"encoding": "utf-99"}, "name one that Python knows"),
        (
            TABLE,
            {"names": ["a", "b"]},
            "the file has 3 columns ('age', 'town', 'paid'); give a name for each",
        ),
        (TABLE, {"header": 999}, "name a line that can be read, from 1 to 61"),
        (TABLE, {"kinds": {"agee": "text"}}, "did you mean 'age'?"),
        (TABLE, {"missing": {"TOWN": ["-"]}}, "did you mean 'town'?"),
        (TABLE, {"label": "payd"}, "did you mean 'paid'?"),
    ],
)
def test_the_file_and_the_remedy_are_named(
    content: bytes, options: dict[str, Any], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        Data.from_file(path, quiet=True, **options)
    assert str(caught.value).startswith(f"{path}: ")
    assert says in str(caught.value)


def test_a_column_that_is_to_be_left_out_and_is_misspelled_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(TABLE)
    notes = Data.from_file(path, quiet=True, exclude=["twon"]).notes
    assert (
        "the file has no column 'twon': that is right if the version before has one; did you mean 'town'?"
        in {one.message for one in notes}
    )


def test_the_second_file_is_named_where_what_is_said_does_not_fit_it(tmp_path: Path) -> None:
    first, second = tmp_path / "rows.csv", tmp_path / "test.csv"
    first.write_bytes(b"Made by me\n\n\n" + TABLE)
    second.write_bytes(TABLE[:20])
    with pytest.raises(InvalidInput, match=r"test\.csv: there is no header in line 4"):
        Data.from_file(first, quiet=True, held_out=second, header=4)
