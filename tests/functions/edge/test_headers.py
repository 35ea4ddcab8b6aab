"""What the headers of a request decide, and that none of them is read in two ways."""

import pytest

from functions import edge
from functions.create import CreateModel
from tests.functions.edge.kit import Ask, Seen, asker

BODY = {"name": "m", "algorithm": "a"}


@pytest.fixture
def ask_body() -> Ask:
    @asker(body=CreateModel)
    def handler(call: edge.Call[CreateModel], thing: str) -> Seen:
        return Seen(call.caller.workspace, call.body.name)

    return handler


@pytest.mark.parametrize(
    ("encoding", "status"),
    [("identity", 200), ("", 200), ("Identity", 200), ("gzip", 415), ("br, gzip", 415)],
)
def test_a_body_in_an_encoding_that_is_not_undone_is_refused(
    ask_body: Ask, encoding: str, status: int
) -> None:
    answer = ask_body(BODY, headers={"content-encoding": encoding})
    assert answer.status == status
    if status == 415:
        assert (answer.error["code"], answer.error["field"]) == ("unsupported_media_type", "Content-Encoding")


@pytest.mark.parametrize("name", ["Idempotency-Key", "content-type", "CONTENT-ENCODING"])
def test_a_header_that_decides_something_comes_once(ask_body: Ask, name: str) -> None:
    answer = ask_body(BODY, every={name: ["a", "a"]})
    assert (answer.status, answer.error["field"].lower()) == (400, name.lower())
    assert ask_body(BODY, every={"Accept": ["a", "b"]}).status == 200


@pytest.mark.parametrize(
    ("sent", "good"),
    [(text, True) for text in ("b6f1-7", "a b", "~" * 255)]
    + [(text, False) for text in ("", " a", "a\n", "é", "a" * 256)],
)
def test_an_idempotency_key_reaches_the_handler(sent: str, good: bool) -> None:
    @asker(once=True)
    def ask(call: edge.Call[None], thing: str) -> Seen:
        return Seen(call.idempotency_key or "none")

    answer = ask(headers={"idempotency-KEY": sent})
    if good:
        assert (answer.status, answer.json["workspace"]) == (200, sent)
    else:
        assert (answer.status, answer.error["field"]) == (400, "Idempotency-Key")
    assert ask().json["workspace"] == "none"


def test_a_route_that_does_not_heed_an_idempotency_key_refuses_it(ask_body: Ask) -> None:
    answer = ask_body({"name": "m", "algorithm": "a"}, headers={"Idempotency-Key": "k"})
    assert (answer.status, answer.error["field"]) == (400, "Idempotency-Key")
