"""A look at what did not change costs no body: every GET has an ETag."""

from collections.abc import Callable

import pytest
from chalice.app import Blueprint

from functions import edge
from functions.system.health import Health
from tests.functions.edge.kit import Answer, app_of, memory_platform, new_key, send

Ask = Callable[..., Answer]


@pytest.fixture
def said() -> list[str]:
    return ["0.1"]


@pytest.fixture
def ask(said: list[str]) -> Ask:
    bp = Blueprint(__name__)

    @edge.route(bp, "GET", "/v1/things", scope="read", returns=Health)
    def look(call: edge.Call[None]) -> Health:
        """Look."""
        return Health(status="ok", version=said[-1])

    @edge.route(bp, "POST", "/v1/things", scope="read", returns=Health)
    def change(call: edge.Call[None]) -> Health:
        """Change."""
        return Health(status="ok", version=said[-1])

    app, platform = app_of(bp), memory_platform()
    key = new_key(platform)

    def asked(method: str = "GET", **headers: str) -> Answer:
        return send(app, platform, method, "/v1/things", key=key, headers=headers)

    return asked


def test_what_did_not_change_is_told_by_its_tag_alone(ask: Ask) -> None:
    first = ask()
    tag = first.headers["ETag"]
    again = ask(**{"If-None-Match": tag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, "", tag)
    among = ask(**{"If-None-Match": f'"other", W/{tag}'})
    assert among.status == 304


def test_what_changed_is_told_in_full(ask: Ask, said: list[str]) -> None:
    tag = ask().headers["ETag"]
    said.append("0.2")
    changed = ask(**{"If-None-Match": tag})
    assert (changed.status, changed.json["version"]) == (200, "0.2")
    assert changed.headers["ETag"] != tag


def test_a_change_has_no_tag(ask: Ask) -> None:
    assert "ETag" not in ask("POST").headers
