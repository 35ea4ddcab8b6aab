"""The calls of a life that look after data sets."""

from collections.abc import Callable
from typing import Any

Ok = Callable[..., Any]


def look_after(ok: Ok) -> None:
    """List, describe, look into and release the data sets that `story.upload` made."""
    assert [one["name"] for one in ok("GET", "/v1/datasets")["items"]] == ["dropped", "m", "small"]
    assert ok("GET", "/v1/datasets/m")["models"] == ["m"]
    assert ok("GET", "/v1/datasets/m/versions/2/report")["rows"] == 310
    assert len(ok("GET", "/v1/datasets/m/versions/2/head")["rows"]) == 10
    assert ok("POST", "/v1/datasets/m/versions/2/release")["version"] == 2
