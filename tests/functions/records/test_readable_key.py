import re

from hypothesis import given
from hypothesis import strategies as st

from functions.records.readable_key import readable_key


@given(st.text(max_size=200), st.binary(max_size=20))
def test_anything_has_a_key_that_any_store_takes(name: str, identity: bytes) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}", readable_key(name, identity))


def test_other_identities_have_other_keys() -> None:
    assert readable_key("a", b"1") != readable_key("a", b"2")
