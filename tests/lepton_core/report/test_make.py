"""A report says of a table what is in it, whatever its columns are called, and each remedy can be pasted."""

import ast
import re
from dataclasses import fields

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.preprocess import default_preprocessor
from lepton_core.report import Earlier, Report, make_report
from lepton_core.table import ReadingOptions, Rows, Split, asked_split, read_file, split_rows
from lepton_core.train import Recipe
from lepton_core.validation import fold_rows
from tests.support.sampling import examples

RECIPE = Recipe("decision_tree", "y", {})
OPTIONS = {one.name for one in fields(ReadingOptions)} | {"label"}
CELLS = st.sampled_from(["1", "2.5", "", "x", "<b>", "31.12.2024", "NA", "1,5", "yes", "no", "-7"])


def report(lines: list[str], earlier: Earlier | None = None, **options: object) -> Report:
    reading = ReadingOptions(**options)  # type: ignore[arg-type]
    read = read_file("\n".join(lines).encode(), reading, label="y")
    return make_report(read, reading, earlier=earlier)


def rows(columns: dict[str, list[str]], many: int) -> list[str]:
    label = ["pq"[i % 2] for i in range(many)]
    named = {**columns, "y": label}
    return [",".join(named), *(",".join(cells[i] for cells in named.values()) for i in range(many))]


def numbers(many: int, seed: int = 0) -> list[str]:
    return [f"{value:.4f}" for value in np.random.default_rng(seed).normal(size=many)]


@pytest.mark.slow
@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=4, max_size=30))
@settings(deadline=None, max_examples=examples(60))
def test_any_table_has_a_report_that_is_stored_and_read_back_as_it_is(cells: list[list[str]]) -> None:
    quoted = [",".join(f'"{cell}"' for cell in row) for row in cells]
    found = report(["a,b,c,d,y", *(f"{row},{'pq'[i % 2]}" for i, row in enumerate(quoted))], bad_rows=1.0)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Report) == found
    assert [one.name for one in found.columns] == ["a", "b", "c", "d", "y"]
    for one in found.findings:
        if one.remedy:
            call = ast.parse(one.remedy, mode="eval").body
            assert isinstance(call, ast.Call)
            if ast.unparse(call.func) == "Data.from_csv":
                assert {word.arg for word in call.keywords} <= OPTIONS


def test_names_say_nothing() -> None:
    many = 200
    columns = {"id": [f"K{i}" for i in range(many)], "when": ["2024-01-05", "2024-02-09"] * 100}
    columns |= {"x": numbers(many), "copy": ["8" if i % 2 else "9" for i in range(many)]}
    plain = report(rows(columns, many))
    renamed = report(rows({f"c{at}": cells for at, cells in enumerate(columns.values())}, many))
    assert [(one.code, one.level) for one in plain.findings] == [
        (one.code, one.level) for one in renamed.findings
    ]
    assert {one.code for one in plain.findings} == {"identifier", "dates", "leak"}


MANY = 400
STRANGE: dict[str, list[str]] = {
    "constant": ["7"] * MANY,
    "empty": [""] * MANY,
    "nearly_constant": ["0"] * (MANY - 2) + ["1", "2"],
    "many_missing": ["" if i % 3 else cell for i, cell in enumerate(numbers(MANY))],
    "mixed": ["T" if i == 70 else cell for i, cell in enumerate(numbers(MANY))],
    "leak": ["12" if i % 2 else "40" for i in range(MANY)],
    "identifier": [f"u{i}@example.com" for i in range(MANY)],
    "dates": [f"{1 + i % 28:02}.{1 + i % 12:02}.2024" for i in range(MANY)],
}


@pytest.mark.parametrize("code", STRANGE)
def test_what_is_strange_is_named_with_its_column_and_its_remedy(code: str) -> None:
    found = report(rows({"x": numbers(MANY), "strange": STRANGE[code]}, MANY))
    [finding] = [one for one in found.findings if one.code == code]
    assert finding.column == "strange"
    assert finding.remedy.startswith("Data.from_csv(path, ")
    assert {one.column for one in found.findings} == {"strange"}


@pytest.mark.parametrize(
    ("strange", "said"),
    [(1, "1 cell of 'x' is no number and counts"), (2, "2 cells of 'x' are no number and count")],
)
def test_cells_that_are_none_of_the_kind_are_counted(strange: int, said: str) -> None:
    cells = ["T"] * strange + numbers(MANY)[strange:]
    [finding] = [one for one in report(rows({"x": cells}, MANY)).findings if one.code == "mixed"]
    assert finding.message == f"{said} as missing: 'T' ({strange})"


@pytest.mark.parametrize(
    ("others", "remedy"),
    [
        (["k. A."], "missing={'x': ['k. A.']}"),
        (["k. A.", ""], "missing={'x': ['k. A.']}"),
        (["k. A.", "NA", "-"], "missing={'x': ['k. A.', '-', 'NA']}"),
        (["none yet", "on request"], "missing={'x': ['none yet', 'on request']}"),
        ([f"see {one}" for one in "abcdefghijklmnopqrstuvwxyz"], "kinds={'x': 'category'}"),
    ],
)
def test_a_few_words_among_numbers_are_missing_cells_however_many_and_many_words_are_categories(
    others: list[str], remedy: str
) -> None:
    cells = [
        others[at // 12 % len(others)] if at % 12 == 0 else cell for at, cell in enumerate(numbers(MANY))
    ]
    read = rows({"x": cells}, MANY)
    [finding] = [one for one in report(read).findings if one.code == "mixed"]
    assert finding.remedy == f"Data.from_csv(path, label='y', {remedy})"


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_column_of_numbers_in_two_units_that_no_model_reads_is_a_warning(share: float) -> None:
    dollars = int(MANY * share)
    cells = [f"{at * 7 + 1}.{at % 90 + 10} USD" for at in range(dollars)]
    cells += [f'"{at * 3 + 1},{at % 90 + 10} EUR"' for at in range(MANY - dollars)]
    found = report(rows({"x": numbers(MANY), "price": cells}, MANY))
    [finding] = [one for one in found.warnings if one.column == "price"]
    assert finding.code == "notations"
    assert "not written in one way, as '1.10 USD' and '1,10 EUR'; write one unit" in finding.message


def test_what_was_said_stays_in_the_remedy() -> None:
    found = report(rows({"x": numbers(MANY), "strange": ["7"] * MANY}, MANY), exclude=("x",), bad_rows=0.1)
    [finding] = found.warnings
    assert finding.remedy == "Data.from_csv(path, label='y', exclude=['x', 'strange'], bad_rows=0.1)"


@pytest.mark.parametrize(
    "name", ["one or two", "a' or 'b", 'a" or "b', ") or (", "x=1, y", "\\", "{}", "y or y"]
)
def test_a_remedy_holds_whatever_name_a_column_has(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    unnamed = [f",{quoted},y", *(f"{i % 9}.5,7,{'ab'[i % 2]}" for i in range(MANY))]
    for found in report(unnamed).findings:
        assert (found.request is not None) == bool(found.remedy), found
    [constant] = [
        one for one in report(rows({quoted: ["7"] * MANY}, MANY)).findings if one.code == "constant"
    ]
    assert constant.request is not None
    assert constant.request.body["exclude"] == [name]


def test_a_label_is_not_asked_for_where_the_columns_would_have_other_names() -> None:
    found = report(["Report;;", "", "x;z;y", *(f"{i}.5;{i % 7};{'ab'[i % 2]}" for i in range(MANY))])
    remedies = {one.code: one.remedy for one in found.findings}
    assert remedies["delimiter"] == "Data.from_csv(path, delimiter=',')"
    # Without it the last column would be predicted, and that be kept with the data set: better an error at once.
    assert remedies["lines_above"] == "Data.from_csv(path, label='y', header=1)"
    found = report(["x;z;y", *(f"7;{i % 7};{'ab'[i % 2]}" for i in range(MANY))], delimiter=";")
    assert "label='y'" in {one.code: one.remedy for one in found.findings}["constant"]
    assert all(one.request.body["label"] == "y" for one in found.findings if one.request is not None)


@pytest.mark.parametrize("cells", [numbers(MANY, 2), ["red", "blue"] * (MANY // 2)])
def test_a_column_that_gets_its_first_cells_has_not_moved(cells: list[str]) -> None:
    first = report(rows({"x": numbers(MANY), "later": [""] * MANY}, MANY))
    now = report(rows({"x": numbers(MANY), "later": cells}, MANY), Earlier(1, first))
    assert now.changes is not None
    assert [one.name for one in now.changes.retyped] == ["later"]
    assert "later" not in {one.name for one in now.changes.drift}
    assert not now.held


def test_cells_of_a_column_that_tells_rows_apart_are_not_in_the_report() -> None:
    found = report(rows({"x": numbers(MANY), "mail": STRANGE["identifier"]}, MANY))
    assert b"u7@example.com" not in msgspec.json.encode(found)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([f"{1704067200000 + 60_000 * i + i % 7}" for i in range(MANY)], "integer"),
        ([f"{i + 1}" for i in range(MANY)], "integer"),
        (STRANGE["identifier"], "category"),
    ],
)
def test_what_tells_rows_apart_is_offered_as_what_it_can_be(cells: list[str], kind: str) -> None:
    lines = rows({"x": numbers(MANY), "key": cells}, MANY)
    [finding] = [one for one in report(lines).findings if one.code == "identifier"]
    assert finding.request is not None
    assert finding.request.body["kinds"] == {"key": kind}
    again = report(lines, kinds={"key": kind})
    assert "identifier" not in {one.code for one in again.findings}


def test_copies_are_counted_unless_they_are_a_matter_of_few_values() -> None:
    lines = rows({"x": numbers(MANY), "z": numbers(MANY, 1)}, MANY)
    assert report(lines).duplicates == 0
    assert report([*lines, *lines[1:41]]).duplicates == 40
    few = rows({"x": ["ab"[i // 2 % 2] for i in range(MANY)]}, MANY)
    assert report(few).duplicates == 0


@pytest.mark.parametrize("sign", [",", ";"])
@pytest.mark.parametrize("above", [[], ["A title"]])
def test_the_call_that_drops_copies_is_offered_where_it_reads_the_same(sign: str, above: list[str]) -> None:
    table = rows({"a": numbers(MANY), "b": numbers(MANY, 1)}, MANY)
    lines = [line.replace(",", sign) for line in [*table, *table[1:41]]]
    [found] = [one for one in report([*above, *lines]).warnings if one.code == "duplicates"]
    plain = sign == "," and not above
    assert bool(found.remedy) == plain and found.message.endswith(
        "drop the copies" if plain else "in the file"
    )
    if plain:
        read = report(lines, exclude=["b"])
        assert not [one.remedy for one in read.warnings if one.code == "duplicates" and one.remedy]


def test_one_class_that_is_nearly_all_there_is_is_said() -> None:
    lines = ["x,y", *(f"{x},{'yes' if i % 50 == 0 else 'no'}" for i, x in enumerate(numbers(1000)))]
    [finding] = report(lines).warnings
    assert (finding.code, finding.column) == ("unbalanced", "y")
    assert "always answering 'no' is 98.0 % right" in finding.message


def test_one_class_that_is_all_there_is_is_said() -> None:
    [finding] = report(["x,y", *(f"{x},yes" for x in numbers(200))]).warnings
    assert (finding.code, finding.column, finding.remedy) == ("one_class", "y", "")


def test_a_later_version_names_what_changed() -> None:
    first = report(rows({"x": numbers(MANY), "c": ["red", "blue"] * 200, "gone": numbers(MANY, 1)}, MANY))
    now = rows({"x": numbers(MANY, 2), "c": ["red", "green"] * 200, "new": numbers(MANY, 3)}, MANY)
    later = report(now, Earlier(3, first))
    assert later.changes is not None
    assert (later.changes.since, later.changes.added, later.changes.removed) == (3, ("new",), ("gone",))
    assert [count.text for count in later.changes.new_levels["c"]] == ["green"]
    assert [drift.name for drift in later.changes.drift if drift.drifted] == ["c"]
    assert later.held
    assert {"columns_added", "columns_removed", "new_levels", "drift"} <= later.codes()


@pytest.mark.slow
@given(st.integers(0, 50))
@settings(deadline=None, max_examples=15)
def test_the_same_rows_again_are_never_held(seed: int) -> None:
    columns = {"x": numbers(MANY, seed), "when": STRANGE["dates"]}
    first = report(rows(columns, MANY))
    assert report(rows(columns, MANY), Earlier(1, first)).held == ()


def test_dates_go_on_without_holding_a_version() -> None:
    first = report(rows({"x": numbers(MANY), "when": STRANGE["dates"]}, MANY))
    later = [cell.replace("2024", "2025") for cell in STRANGE["dates"]]
    second = report(rows({"x": numbers(MANY, 5), "when": later}, MANY), Earlier(1, first))
    assert second.held == ()
    assert "drift" in second.codes("when")


def test_a_quantity_whose_sign_was_lost_looks_flipped() -> None:
    def lines(sign: float, seed: int) -> list[str]:
        x = np.random.default_rng(seed).normal(size=(2, 1000))
        y = 100 + sign * 10 * (x[0] + 0.5 * x[1])
        return ["a,b,y", *(f"{a:.4f},{b:.4f},{value:.3f}" for a, b, value in zip(*x, y, strict=True))]

    first = report(lines(1, 0))
    assert report(lines(1, 1), Earlier(1, first)).held == ()
    assert "flipped_labels" in report(lines(-1, 2), Earlier(1, first)).codes()


@pytest.mark.slow
@given(st.integers(0, 10**6), st.booleans())
@settings(deadline=None, max_examples=10)
def test_renaming_all_columns_changes_no_decision(seed: int, wrong: bool) -> None:
    """All but the guess of the label is as before: kinds, findings, remedies, steps, held-out rows, folds, and whether
    a later version is held.
    """
    rng = np.random.default_rng(seed)
    many = 300
    days = [str(np.datetime64("2024-01-01") + int(one)) for one in np.sort(rng.integers(0, 900, many))]
    persons = rng.permutation(10**6)[rng.integers(60, size=many)]
    columns = {
        "customer_id": [f"K{one}" for one in rng.permutation(10**6)[:many]],
        "signed up": days,
        "patient": [str(one) for one in persons],
        "age": [str(one) for one in rng.integers(18, 90, many)],
        "zip": [f"{one:05}" for one in rng.integers(0, 99999, many)],
        "income": numbers(many, seed),
        "colour": rng.choice(["red", "blue", "NA"], many).tolist(),
        "leak": ["8" if i % 2 else "9" for i in range(many)],
    }
    later = {**columns, "income": [f"{5 * wrong + float(one):.4f}" for one in numbers(many, seed + 1)]}
    names = {name: f"c{at}" for at, name in enumerate(columns)}

    def decisions(back: dict[str, str]) -> list[object]:
        known = {new: name for name, new in back.items()}

        def plain(text: str) -> str:
            return re.sub(r"'(c\d+)'", lambda found: repr(known.get(found[1], found[1])), text)

        def named(given: dict[str, list[str]]) -> list[str]:
            return rows({back.get(name, name): cells for name, cells in given.items()}, many)

        lines = named(columns)
        first = report(lines)
        second = report(named(later), Earlier(1, first))
        table = read_file("\n".join(lines).encode(), label="y").table
        groups = Split("group-1", column=back.get("patient", "patient"))
        features = table.select([name for name in table.names if name != "y"])
        fitted = default_preprocessor(features).fit(features)
        return [
            split_rows(table, label="y")[1].tolist(),
            asked_split(own := Rows.of(table, "y"), own, groups)[2].tolist(),
            [train.tolist() for train, _ in fold_rows(RECIPE, table, np.arange(many), 3, seed=seed)],
            np.asarray(fitted.transform(features)).tolist(),
            [re.sub("c[0-9]+", lambda one: known.get(one[0], one[0]), name) for name in fitted.feature_names],
            [[plain(one.message), plain(one.remedy)] for made in (first, second) for one in made.findings],
            [[one.kind for one in made.columns] for made in (first, second)],
            [[(one.code, one.level) for one in made.findings] for made in (first, second)],
            [bool(made.held) for made in (first, second)],
        ]

    assert decisions({}) == decisions(names)
