"""The card of a version, written by a call and by a command: the same page as over HTTP."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from lepton_ai import Data, Model
from lepton_ai.card import card_of
from lepton_ai.cli import main
from lepton_ai.connect import connect
from lepton_ai.errors import Conflict, InvalidInput, NotFound
from lepton_ai.http import HttpTransport
from tests.support.page import Page


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model with one version, of a platform in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)
    made = Model("logistic_regression", name="m", quiet=True)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    made.upload_data(Data.from_arrays(X, np.where(X[:, 0] > 0, "yes", "no").tolist()))
    made.train(refit=False)
    return made


def test_a_call_a_version_and_a_command_write_the_same_page(
    model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = model.card("card.html")
    [version] = model.versions()
    assert written == Path("card.html")
    assert version.card(tmp_path / "of_version.html") == tmp_path / "of_version.html"
    with pytest.raises(SystemExit) as ended:
        main(["card", "m", "--version", "1", "-o", "command.html"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "card of m written to command.html\n"
    texts = [Path(name).read_text("utf-8") for name in ("card.html", "of_version.html", "command.html")]
    assert texts == [card_of(connect(), "m", 1).decode()] * 3
    page = Page(texts[0])
    assert page.wrong == [] and page.texts_of("h1") == ["m, version 1"]


def test_the_command_names_its_file_after_the_model(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["card", model.name, "--json"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out) == {"file": "m-card.html"}
    assert Path("m-card.html").stat().st_size > 5000


def test_what_cannot_be_told_or_written_is_an_error_and_leaves_no_file(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotFound, match="has no version 7"):
        model.card("seven.html", version=7)
    assert not Path("seven.html").exists()
    with pytest.raises(InvalidInput, match="cannot be written") as raised:
        model.card("nowhere/card.html")
    assert raised.value.field == "path"
    empty = Model("logistic_regression", name="empty", quiet=True)
    with pytest.raises(Conflict, match="has no version yet; train it first"):
        empty.card("empty.html")
    with pytest.raises(SystemExit) as ended:
        main(["card", "m", "-o", "nowhere/card.html"])
    assert ended.value.code == 2
    assert "no such folder: nowhere" in capsys.readouterr().err


@pytest.fixture
def served() -> Iterator[str]:
    """A server that answers every GET with a page, as a platform answers a call for a card."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<p>{self.path} ö</p>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_over_http_the_bytes_are_those_of_the_answer(served: str) -> None:
    found = card_of(HttpTransport(served), "my model", 3)
    assert re.fullmatch("<p>/v1/models/my%20model/versions/3/card ö</p>", found.decode())
