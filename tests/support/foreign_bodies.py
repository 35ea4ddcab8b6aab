"""Bodies of the protocols of other systems, good ones and such as hold any JSON, for tests that ask every route."""

from typing import Any

from hypothesis import strategies as st

TENSORS = '{"inputs": [{"name": "%s", "datatype": "%s", "shape": [%s], "data": %s}], "id": %s, "outputs": %s}'

_GOOD = {
    "infer": (TENSORS % ("a", "FP64", 2, "[1, 2]", '"x"', "[]")).encode(),
    "invocations": b'{"instances": [{"a": 1, "b": -1}, {"a": 2.5}]}',
}


def good(path: str) -> bytes:
    """A good body of the route."""
    return _GOOD[path.rpartition("/")[2]]


def is_refusal(path: str, shown: dict[str, Any]) -> bool:
    """Whether ``shown`` is an error in the shape of the protocol that is spoken at ``path``."""
    told = {"/v2": "error", "/end": "message"}.get(path[:4].rstrip("/"), "")
    return list(shown) == [told] and isinstance(shown[told], str)


def odd(values: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Bodies in which one thing, or several, are ``values``: any JSON."""
    found = (
        values.map(lambda value: f'{{"instances": {value}}}')
        | values.map(lambda value: f'{{"rows": [[1, {value}]], "columns": ["a", "b"]}}')
        | st.tuples(
            st.sampled_from(["a", "b", "x", ""]),
            st.sampled_from(["FP64", "FP32", "INT8", "BYTES", "BOOL", ""]),
            *[values] * 4,
        ).map(lambda parts: TENSORS % parts)
    )
    return found.map(str.encode) | st.binary(max_size=20)
