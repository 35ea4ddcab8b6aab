"""What a message offers is found in it, whatever a column is called, and only what can be sent is a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.report import RemedyRequest
from lepton_core.report.offers import offers, request_of
from lepton_core.table import ReadingOptions


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3), st.text(max_size=20))
def test_a_call_is_found_with_what_it_says(names: list[str], label: str) -> None:
    call = ReadingOptions(exclude=tuple(names)).call(label=label)
    [found] = offers(f"is missing; to go on without it: {call}, or mend it")
    assert found.body == {"label": label, "exclude": names}
    assert f"is missing; to go on without it: {call}, or mend it"[found.start : found.end] == call


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("read the column as text with kinds={'x': 'category'}, which is kept", {"kinds": {"x": "category"}}),
        ("read them so with decimal=','", {"decimal": ","}),
        ("Data.from_csv(path, header=1)", {"header": 1}),
        ("name another label with label=...", None),
        ("read it as another kind: kinds={'x': ...}", None),
        ("name what keeps them apart: Data.from_csv(path, delimiter=...)", None),
        ("nothing is offered", None),
    ],
)
def test_only_what_can_be_sent_is_a_request(text: str, body: dict[str, object] | None) -> None:
    assert request_of(text) == (None if body is None else RemedyRequest("upload", body))
