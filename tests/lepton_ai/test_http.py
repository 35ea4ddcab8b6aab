"""The HTTP transport against a real server on a real socket, which misbehaves as it is told."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lepton_ai import (
    Conflict,
    Forbidden,
    InvalidInput,
    LeptonError,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from lepton_ai.http import HttpTransport

KEY = "lpt_abc_verysecret"


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int


@dataclass
class Server:
    """Answers (status, headers, body); None closes the connection without an answer. The last one stays."""

    url: str = ""
    answers: list[Any] = field(default_factory=lambda: [(200, {}, b"{}")])
    requests: list[Request] = field(default_factory=list)

    def then(self, *answers: Any) -> None:
        self.answers[:] = list(answers)


def handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.requests.append(Request(self.command, self.path, headers, body, self.client_address[1]))
            answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, more, content = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(told)) as listening:
        told.url = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        listening.shutdown()
        thread.join()


@pytest.fixture
def transport(server: Server) -> Iterator[HttpTransport]:
    made = HttpTransport(server.url + "/", KEY, retries=2, backoff=0.001)
    yield made
    made.close()


BUSY = (503, {}, b'{"error": {"code": "unavailable", "message": "starting"}}')
DONE = (200, {}, b'{"done": true}')


def test_a_call_carries_json_the_key_and_the_query(server: Server, transport: HttpTransport) -> None:
    server.then((201, {}, b'{"a": [1, null]}'), (204, {}, b""))
    assert transport.call("POST", "/v1/x", query={"hours": "2 4"}, body={"b": 1.5}) == {"a": [1, None]}
    assert transport.call("GET", "/v1/x") is None
    post, get = server.requests
    assert (post.method, post.path, json.loads(post.body)) == ("POST", "/v1/x?hours=2+4", {"b": 1.5})
    assert post.headers["authorization"] == f"Bearer {KEY}"
    assert post.headers["content-type"] == "application/json"
    assert post.port == get.port, "the connection is kept"
    assert get.body == b"" and "content-type" not in get.headers


def test_bytes_are_sent_as_they_are_and_counted(server: Server, transport: HttpTransport) -> None:
    content, counts = b"a,b\n" * 100_000, []
    transport.call("PUT", "/v1/u", body=content, content_type="text/csv", sent=counts.append)
    (request,) = server.requests
    assert request.body == content and request.headers["content-type"] == "text/csv"
    assert counts == sorted(counts) and counts[-1] == len(content) and len(counts) > 3
    assert "transfer-encoding" not in request.headers, "object stores want the length"


def test_the_key_stays_with_the_platform(server: Server, transport: HttpTransport) -> None:
    transport.call("PUT", f"{server.url}/bucket/key?X-Amz-Signature=s3cret", body=b"a")
    assert "authorization" not in server.requests[0].headers
    server.then((302, {"Location": "https://user:pw@evil.example/x?k=1"}, b""))
    with pytest.raises(Unavailable, match=r"redirects to https://evil.example, which is not followed"):
        transport.call("GET", "/v1/x")
    assert len(server.requests) == 2
    shown = repr(transport) + str(transport) + transport.address
    assert KEY not in shown and "verysecret" not in shown


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (404, {"error": {"code": "not_found", "message": "no model 'm'"}}, NotFound, "no model 'm'"),
        (400, {"error": {"code": "invalid_input", "message": "x", "field": "f"}}, InvalidInput, "f: x"),
        (500, {"error": {"code": "internal", "message": "logged under 7"}}, LeptonError, "logged under 7"),
        (401, {"message": "Unauthorized"}, Unauthorized, "answered 401: Unauthorized"),
        (403, {"message": "Forbidden"}, Forbidden, "answered 403"),
        (409, {}, Conflict, "answered 409"),
        (413, [], TooLarge, "answered 413"),
        (504, {"message": "Endpoint request timed out"}, Unavailable, "timed out"),
        (418, {"error": "teapot"}, LeptonError, "answered 418"),
    ],
)
def test_an_error_answer_is_a_typed_error(
    status: int, body: Any, kind: type[LeptonError], said: str, server: Server, transport: HttpTransport
) -> None:
    server.then((status, {}, json.dumps(body).encode()))
    with pytest.raises(LeptonError) as caught:
        transport.call("GET", "/v1/x")
    assert type(caught.value) is kind
    assert said in str(caught.value)
    assert len(server.requests) == 1


def test_xml_and_html_are_no_answers_of_ours(server: Server, transport: HttpTransport) -> None:
    server.then((403, {}, b"<Error><Code>AccessDenied</Code></Error>"))
    with pytest.raises(Forbidden, match="answered 403"):
        transport.call("PUT", f"{server.url}/bucket/key", body=b"a")
    server.then((404, {}, b"<html>"))
    with pytest.raises(NotFound, match="answered 404; is this the address of a Lepton platform"):
        transport.call("GET", "/v1/x")
    server.then((200, {}, b"<html>"))
    with pytest.raises(Unavailable, match="is this the address of a Lepton platform"):
        transport.call("GET", "/v1/x")


@pytest.mark.parametrize("trouble", [BUSY, None], ids=["503", "answer lost"])
@pytest.mark.parametrize(
    ("method", "said"),
    [("GET", {}), ("PUT", {}), ("POST", {"repeatable": True}), ("POST", {"once": True})],
)
def test_what_may_be_repeated_is(
    trouble: Any, method: str, said: dict[str, bool], server: Server, transport: HttpTransport
) -> None:
    server.then(trouble, trouble, DONE)
    body = {} if method != "GET" else None
    assert transport.call(method, "/v1/x", body=body, **said) == {"done": True}
    assert len(server.requests) == 3
    keys = {request.headers.get("idempotency-key") for request in server.requests}
    assert len(keys) == 1 and (None in keys) is not ("once" in said)


@pytest.mark.parametrize("trouble", [BUSY, None], ids=["503", "answer lost"])
def test_what_may_not_be_repeated_is_not(trouble: Any, server: Server, transport: HttpTransport) -> None:
    server.then(trouble, DONE)
    with pytest.raises(Unavailable):
        transport.call("POST", "/v1/models/m/train", body={})
    assert len(server.requests) == 1


def test_a_big_body_is_sent_whole_again(server: Server, transport: HttpTransport) -> None:
    server.then(BUSY, DONE)
    content = b"0123456789" * 10_000
    transport.call("PUT", "/v1/u", body=content, sent=lambda count: None)
    assert [request.body == content for request in server.requests] == [True, True]


def test_each_run_has_its_own_idempotency_key(server: Server, transport: HttpTransport) -> None:
    for _ in range(2):
        transport.call("POST", "/v1/x", body={}, once=True)
    first, second = (request.headers["idempotency-key"] for request in server.requests)
    assert first != second


def test_trouble_without_end_is_told(server: Server, transport: HttpTransport) -> None:
    server.then(BUSY)
    with pytest.raises(Unavailable, match="starting"):
        transport.call("GET", "/v1/x")
    server.then(None)
    with pytest.raises(Unavailable, match=rf"{server.url} does not answer \(ProtocolError\)"):
        transport.call("GET", f"{server.url}/b?X-Amz-Signature=s3cret")


def test_nobody_there_is_told_without_the_signature() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        transport = HttpTransport(url, KEY, retries=1, backoff=0.001)
        with pytest.raises(Unavailable) as caught:
            transport.call("PUT", f"{url}/b?X-Amz-Signature=s3cret", body=b"a")
    assert str(caught.value) == f"{url} does not answer (NewConnectionError)"
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


@pytest.mark.parametrize(
    "url",
    [
        "example.com",
        "ftp://example.com",
        "https://",
        "https://u:p@example.com",
        "https://a.b/?x=1",
        "https://a:b",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(InvalidInput, match="LEPTON_URL must") as caught:
        HttpTransport(url)
    assert caught.value.field == "LEPTON_URL"
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize("key", ["ключ", "lpt_a\nX-Evil: 1", "lpt a", "lpt_é"])
def test_a_key_that_no_header_can_carry(key: str) -> None:
    with pytest.raises(InvalidInput, match="LEPTON_API_KEY holds characters") as caught:
        HttpTransport("http://127.0.0.1:1", key)
    assert caught.value.field == "LEPTON_API_KEY" and key not in str(caught.value)


def test_threads_share_one_transport(server: Server, transport: HttpTransport) -> None:
    server.then(DONE)
    results: list[Any] = []
    run: Callable[[], None] = lambda: results.append(transport.call("GET", "/v1/x"))  # noqa: E731
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [{"done": True}] * 8
