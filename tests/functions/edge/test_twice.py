"""A key that stands twice in a row of a body is found, and costs nothing where no key does."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.edge.twice import refuse_twice, says_false
from lepton_core.errors import InvalidData, InvalidInput
from tests.support.sampling import examples
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

TEXTS = st.text('ab":\\ {},[]\n\u00fc', max_size=6)
CELLS = st.one_of(TEXTS, st.integers(-9, 9), st.none(), st.booleans(), st.just("12:30:59"))
ROWS = st.lists(
    st.one_of(st.dictionaries(TEXTS, CELLS, max_size=4), st.lists(CELLS, max_size=3)), min_size=1, max_size=6
)


def written(row: Any, again: str | None, blank: str, ascii: bool) -> str:
    """A row as JSON, in which the key ``again`` stands once more."""
    if isinstance(row, list):
        return json.dumps(row, ensure_ascii=ascii)
    pairs = [*row.items(), *([] if again is None else [(again, 1)])]
    cells = (
        f"{json.dumps(key, ensure_ascii=ascii)}{blank}:{json.dumps(cell, ensure_ascii=ascii)}"
        for key, cell in pairs
    )
    return "{" + ",".join(cells) + "}"


@settings(deadline=None, max_examples=examples(400))
@given(ROWS, st.data(), st.sampled_from(["", " ", "\n"]), st.booleans())
def test_it_is_found_wherever_it_stands_and_however_it_is_written(
    rows: list[Any], data: st.DataObject, blank: str, ascii: bool
) -> None:
    def body(place: int | None, key: str | None) -> bytes:
        some = (written(row, key if at == place else None, blank, ascii) for at, row in enumerate(rows))
        return ('{"rows"' + blank + ":[" + ",".join(some) + "]}").encode()

    raw = body(None, None)
    assert json.loads(raw)["rows"] == rows
    refuse_twice(raw, rows, 1)
    places = [at for at, row in enumerate(rows) if isinstance(row, dict) and row]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    key = data.draw(st.sampled_from(sorted(rows[place])))
    decoded = [{**row, key: 1} if at == place else row for at, row in enumerate(rows)]
    with pytest.raises(InvalidData, match="there twice") as caught:
        refuse_twice(body(place, key), decoded, 1)
    assert (caught.value.row, caught.value.column) == (place + 1, key)


@pytest.mark.parametrize("more", range(4))
@pytest.mark.parametrize("text", ["12:30", 'a "b": c', "\\\\"], ids=ascii)
def test_it_is_found_in_a_long_body_at_even_and_at_odd_places(more: int, text: str) -> None:
    rows = [{"a": "x" * more, "b": text}] * 20_000
    raw = json.dumps({"rows": rows}, separators=(",", ":")).encode()
    assert len(raw) > 2 * 2**17
    refuse_twice(raw, rows, 1)
    for place in (0, 5_000, 5_001, len(rows) - 1):
        some = [*rows[:place], {"a": 1, "c": 2}, *rows[place + 1 :]]
        twice = json.dumps({"rows": some}, separators=(",", ":")).replace('"c"', '"a"').encode()
        with pytest.raises(InvalidData) as caught:
            refuse_twice(twice, [*rows[:place], {"a": 2}, *rows[place + 1 :]], 1)
        assert (caught.value.row, caught.value.column) == (place + 1, "a")


def test_a_key_that_is_written_in_two_ways_is_one() -> None:
    with pytest.raises(InvalidData):
        refuse_twice(b'{"rows": [{"a": 1, "\\u0061": 2}]}', [{"a": 2}], 1)


def test_the_rows_themselves_stand_there_once() -> None:
    with pytest.raises(InvalidInput, match="twice in the body") as caught:
        refuse_twice(b'{"rows": [{"a": 1}], "rows": [{"a": 2}]}', [{"a": 2}], 1)
    assert caught.value.field == "rows"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"explain":false,"rows":[]}', True),
        (b'{"rows":[{"a":1}] , "explain" : false }\n', True),
        (b'{"rows":[{"a":1}],"explain":true}', False),
        (b'{"rows":[{"a":1,"explain":false}]}', False),
        (b'{"rows":[{"a":", \\"explain\\":false"}]}', False),
    ],
)
def test_an_option_that_is_said_to_be_false_is_known(raw: bytes, found: bool) -> None:
    assert says_false(raw, "explain") == found


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(60))
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("more", [b"", b',"explain":false', b',"explain":true', b',"columns":null'])
def test_a_call_is_refused_by_row_and_key(here: World, more: bytes) -> None:
    good = b'{"rows":[{"a":1,"b":2},{"a":3,"b":4}]' + more + b"}"
    assert len(here.ok("POST", "/v1/models/m/predict", good, headers=JSON)["predictions"]) == 2
    refused = here.refused(
        "POST", "/v1/models/m/predict", good.replace(b'"a":3', b'"a":3,"a":5'), headers=JSON
    )
    assert (refused["code"], refused["row"], refused["column"]) == ("invalid_data", 2, "a")
    assert refused["message"] == "row 2, column 'a': the key is there twice in the row"


def test_columns_that_are_named_for_all_rows_are_no_keys(here: World) -> None:
    body = b'{"columns":["a","b"],"rows":[[1,2],[3,4]]}'
    assert len(here.ok("POST", "/v1/models/m/predict", body, headers=JSON)["predictions"]) == 2
