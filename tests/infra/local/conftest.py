"""A small app, so that tests say what the gateway does, whatever the platform's handlers do; and a trained model."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chalice import Blueprint, Response
from chalice.app import Chalice

from functions.context import Platform, current
from functions.edge.app import LeptonApp
from functions.edge.received import DRAFT
from functions.settings import Settings
from infra.local.stack import open_embedded
from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from tests.infra.local.service.kit import Made
from tests.support.memory_store import MemoryBlobs
from tests.support.world import two_classes


class Nothing:
    """Stands in for stores, runner and memory that the small app never asks for."""


def make_platform(**settings: Any) -> Platform:
    nothing: Any = Nothing()
    return Platform(
        blobs=MemoryBlobs(),
        records=nothing,
        runner=nothing,
        loaded=nothing,
        clock=lambda: datetime(2030, 1, 1, tzinfo=UTC),
        settings=Settings(**settings),
    )


@pytest.fixture
def platform() -> Platform:
    return make_platform()


@pytest.fixture
def small_app() -> Chalice:
    bp = Blueprint(__name__)

    @bp.route("/v1/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @bp.route("/v1/models/{model}")
    def model(model: str) -> dict[str, Any]:
        return {"model": model, "limit": current().settings.max_upload_bytes}

    @bp.route("/v1/models/special")
    def special() -> dict[str, Any]:
        return {"special": True}

    @bp.route("/v1/models/{model}/versions/{version}", methods=["GET", "DELETE"])
    def version(model: str, version: str) -> dict[str, str]:
        return {"model": model, "version": version}

    @bp.route("/v1/echo", methods=["POST"])
    def echo() -> dict[str, Any]:
        request = bp.current_request
        event = request.to_original_event()
        return {
            "body": request.raw_body.decode(),
            "query": event["queryStringParameters"],
            "all": event["multiValueQueryStringParameters"],
            "header": request.headers.get("X-Sent"),
        }

    @bp.route("/v1/files", methods=["PUT"], content_types=["text/csv"])
    def files() -> dict[str, int]:
        return {"size": bp.current_request.to_original_event()[DRAFT].size}

    @bp.route("/v1/raw", methods=["GET"])
    def raw() -> Response:
        headers: dict[str, Any] = {"Content-Type": "application/octet-stream"}
        return Response(b"\x00\xff", headers=headers)

    app = LeptonApp("small")
    app.register_blueprint(bp)
    return app


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """A platform's folder with a trained model, and a file of its first version."""
    (tmp_path / "data.csv").write_bytes(two_classes())
    opened = open_embedded(tmp_path / "state", background=False)
    transport = EmbeddedTransport(tmp_path / "state", opener=lambda _: opened)
    model = Model("logistic_regression", name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(tmp_path / "data.csv", quiet=True))
    model.train(iterations=5)
    model.deploy()
    model.train(iterations=9)
    file = model.export(tmp_path / "m.lepton", 1)
    yield Made(tmp_path / "state", file, model, opened)
    transport.close()
