"""Predictions in the protocols of other systems: Open Inference (Triton, KServe) and SageMaker runtime.

A protocol is read and written by a module of `lepton_core.protocols`; here stand the addresses. What is read, predicted
and counted is the same as at `functions.predict`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

import msgspec

from functions.context import VERSION, LoadedModel
from functions.edge import Call, route
from functions.edge.blueprint import Blueprint
from functions.edge.media_types import OCTETS
from functions.predict import ToPredict, check_size, served
from lepton_core.errors import LeptonError, NotFound
from lepton_core.protocols import ForeignRequest, Message, ServedVersion, Wire
from lepton_core.table import ReadRows

bp = Blueprint()

EXTENSIONS = ["binary_tensor_data"]
"""Those of the Open Inference protocol that are spoken."""


def _open_inference() -> Wire:
    return _wire("open_inference")


def _sagemaker() -> Wire:
    return _wire("sagemaker")


def _wire(name: str) -> Wire:
    # Loaded when somebody speaks it: most processes never hear another protocol than the own one.
    return cast("Wire", import_module(f"lepton_core.protocols.{name}"))


def _refused_tensors(error: LeptonError) -> Message:
    return _open_inference().refused(error)


def _refused_invocation(error: LeptonError) -> Message:
    return _sagemaker().refused(error)


_V2: dict[str, Any] = {"refused": _refused_tensors, "returns": Message}
_MODEL: dict[str, Any] = {"scope": "predict", **_V2}
_TENSORS: dict[str, Any] = {**_MODEL, "body": bytes, "content_types": ("application/json", OCTETS)}


@route(bp, "GET", "/v2", scope=None, public=True, **_V2)
def server(call: Call[None]) -> Message:
    """Tell of the server, in the Open Inference protocol."""
    return _said({"name": "lepton", "version": VERSION, "extensions": EXTENSIONS})


@route(bp, "GET", "/v2/health/live", scope=None, public=True, **_V2)
def live(call: Call[None]) -> Message:
    """Say that the server is live, in the Open Inference protocol."""
    return _said({"live": True})


@route(bp, "GET", "/v2/health/ready", scope=None, public=True, **_V2)
def ready(call: Call[None]) -> Message:
    """Say that the server is ready, in the Open Inference protocol."""
    return _said({"ready": True})


@route(bp, "GET", "/v2/models/{model}", **_MODEL)
def described(call: Call[None], model: str) -> Message:
    """Tell the inputs and outputs of the served version, in the Open Inference protocol."""
    return _open_inference().described(_served(call, model, None))


@route(bp, "GET", "/v2/models/{model}/versions/{version}", **_MODEL)
def described_version(call: Call[None], model: str, version: int) -> Message:
    """Tell the same, of the version that is served and of no other."""
    return _open_inference().described(_served(call, model, version))


@route(bp, "GET", "/v2/models/{model}/ready", **_MODEL)
def model_ready(call: Call[None], model: str) -> Message:
    """Say that a version of the model is served, in the Open Inference protocol."""
    return _ready(_served(call, model, None))


@route(bp, "GET", "/v2/models/{model}/versions/{version}/ready", **_MODEL)
def version_ready(call: Call[None], model: str, version: int) -> Message:
    """Say that this version of the model is served, in the Open Inference protocol."""
    return _ready(_served(call, model, version))


@route(bp, "POST", "/v2/models/{model}/infer", **_TENSORS)
def infer(call: Call[bytes], model: str) -> Message:
    """Predict rows that come as tensors, in the Open Inference protocol: JSON, or raw bytes behind the JSON."""
    return _inferred(call, model, None)


@route(bp, "POST", "/v2/models/{model}/versions/{version}/infer", **_TENSORS)
def infer_version(call: Call[bytes], model: str, version: int) -> Message:
    """Predict such rows with the version that is served, and with no other."""
    return _inferred(call, model, version)


@route(
    bp,
    "POST",
    "/endpoints/{model}/invocations",
    scope="predict",
    body=bytes,
    returns=Message,
    content_types=("application/json", "text/csv"),
    refused=_refused_invocation,
    signed=True,
)
def invoke(call: Call[bytes], model: str) -> Message:
    """Predict rows that come as SageMaker runtime sends them: JSON, or CSV in the trained order without a header.

    The request may be signed with AWS Signature Version 4 in place of bringing its key.
    """

    def decode(loaded: LoadedModel) -> ForeignRequest:
        return _sagemaker().decode(call.headers, call.body, served_version(model, loaded))

    def check(loaded: LoadedModel) -> None:
        import_module("lepton_core.protocols.sagemaker").check_variant(call.headers, loaded.version)

    variant = call.headers.get("x-amzn-sagemaker-target-variant", "")
    version = int(variant) if variant.isascii() and variant.isdigit() and len(variant) < 10 else None
    return predict_asked(call, model, decode, version, check)


def predict_asked(
    call: Call[bytes],
    model: str,
    decode: Callable[[LoadedModel], ForeignRequest],
    version: int | None = None,
    check: Callable[[LoadedModel], object] = lambda loaded: None,
) -> Message:
    """Predict the rows of a request in another protocol, and count them as any others; ``decode`` finds them.

    ``version`` and ``check`` are as in `ToPredict`.
    """
    found: list[tuple[ForeignRequest, ReadRows]] = []

    def read(loaded: LoadedModel) -> ReadRows:
        asked = decode(loaded)
        check_size(asked.rows, loaded.predictor, explain=False)
        found.append((asked, asked.read()))
        return found[0][1]

    wanted = ToPredict(read, explain=False, version=version, check=check)
    told = served(call, model, wanted).value.predictions
    asked, rows = found[0]
    return asked.answer(told, rows)


def _inferred(call: Call[bytes], model: str, wanted: int | None) -> Message:
    def decode(loaded: LoadedModel) -> ForeignRequest:
        return _open_inference().decode(call.headers, call.body, served_version(model, loaded))

    return predict_asked(call, model, decode, wanted, lambda loaded: _wanted(model, loaded, wanted))


def _served(call: Call[None], model: str, wanted: int | None) -> ServedVersion:
    return _wanted(model, call.platform.loaded.get(call.store.name, model, call.headers, wanted), wanted)


def _said(value: dict[str, Any]) -> Message:
    return Message(msgspec.json.encode(value))


def _ready(version: ServedVersion) -> Message:
    return _said({"name": version.model, "ready": True})


def _wanted(model: str, loaded: LoadedModel, wanted: int | None) -> ServedVersion:
    if wanted not in (None, loaded.version):
        raise NotFound(f"version {wanted} of model {model!r} is not served; version {loaded.version} is")
    return served_version(model, loaded)


def served_version(model: str, loaded: LoadedModel) -> ServedVersion:
    """What a protocol may know of a version that is loaded."""
    of = loaded.predictor
    return ServedVersion(
        model,
        loaded.version,
        loaded.digest,
        of.task,
        tuple(of.classes),
        of.schema,
        loaded.reads,
        loaded.ignored,
    )
