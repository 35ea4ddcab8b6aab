"""Files of rows that are scored over HTTP."""

from typing import Any

from tests.support.world import World


def announced(here: World, data: bytes, name: str = "rows.csv", model: str = "m", **more: Any) -> str:
    """The path of a file that is announced, and not sent."""
    found = here.ok("POST", f"/v1/models/{model}/score", {"file": name, "size": len(data), **more})
    return f"/v1/models/{model}/score/{found['id']}"


def scored(here: World, data: bytes, name: str = "rows.csv", model: str = "m", **more: Any) -> Any:
    """What became of a file that was announced and sent."""
    path = announced(here, data, name, model, **more)
    here.ok("PUT", path, data)
    return here.ok("GET", path)


def result(here: World, view: Any) -> bytes:
    """The scored file."""
    assert view["state"] == "succeeded", view
    data: bytes = here.ok("GET", f"/v1/models/{view['model']}/score/{view['id']}/file")
    return data
