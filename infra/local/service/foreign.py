"""What clients of other systems ask a server of one model: Open Inference, SageMaker, and MLflow, which names none.

What they do not know of is refused as the platform's own routes refuse it: a parameter of the query, and a body that is
compressed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from functions import protocols
from functions.context import VERSION, LoadedModel
from functions.edge import ROUTES, Call, Endpoint, decode
from functions.edge.respond import GUARDS, as_shown
from infra.local.responses import Refused, Response
from infra.local.service.app import Door, Handler, Headers, Query, Stage
from infra.local.service.source import OneModel
from lepton_core.errors import LeptonError, Unavailable
from lepton_core.protocols import ForeignRequest, Message, mlflow

_GUARDS = {name.lower(): value for name, value in GUARDS.items()}
_NOTHING: Mapping[str, object] = {}
_FOREIGN = [one for one in ROUTES if one.handler.__module__ == protocols.__name__]


@dataclass(frozen=True)
class ForeignAnswers:
    """What answers them for the model of ``source``; ``call`` is a request as handlers of the platform take it."""

    source: OneModel
    stage: Stage
    call: Callable[[Headers, bytes], Call[bytes]]

    def doors(self) -> Iterator[tuple[tuple[str, str], Door]]:
        """Each by method and path: those of the platform, and MLflow's, which name no model."""
        for endpoint in _FOREIGN:
            path = endpoint.path.replace("{model}", self.source.name)
            yield (endpoint.method, path), Door(self._of(endpoint), endpoint.public, endpoint.refused)
        yield ("POST", "/invocations"), Door(_checked(self._scored, mlflow.refused), refused=mlflow.refused)
        for path, said in (("/ping", b"\n"), ("/health", b"\n"), ("/version", VERSION.encode())):
            handler = _checked(partial(self._said, said), mlflow.refused)
            yield ("GET", path), Door(handler, no_key=True, refused=mlflow.refused)

    def _of(self, endpoint: Endpoint) -> Handler:
        named = {"model": self.source.name} if "{model}" in endpoint.path else {}
        of_version = "{version}" in endpoint.path
        refused = endpoint.refused
        assert refused is not None  # noqa: S101  (each protocol has errors of its own)

        def answer(headers: Headers, query: Query, body: bytes) -> Response:
            wanted = {"version": int(query["version"][0])} if of_version else {}
            work = partial(endpoint.handler, self.call(headers, body), **named, **wanted)
            if self.stage.stopping and endpoint.handler is protocols.ready:
                return _response(refused(_stopping()))
            return _answered(work, refused, endpoint.where)

        # The version that a path names is told as a part of the query.
        return _checked(answer, refused, {"version": ""} if of_version else _NOTHING)

    def _scored(self, headers: Headers, query: Query, body: bytes) -> Response:
        def decode(loaded: LoadedModel) -> ForeignRequest:
            return mlflow.decode(headers, body, protocols.served_version(self.source.name, loaded))

        work = partial(protocols.predict_asked, self.call(headers, body), self.source.name, decode)
        return _answered(work, mlflow.refused, "POST /invocations")

    def _said(self, said: bytes, headers: Headers, query: Query, body: bytes) -> Response:
        if self.stage.stopping:
            return _response(mlflow.refused(_stopping()))
        return Response(200, {"content-type": "text/plain; charset=utf-8", **_GUARDS}, said)


def _checked(handler: Handler, refused: Refused, known: Mapping[str, object] = _NOTHING) -> Handler:
    """The handler, behind the refusal of what no request of it may bring."""

    def answer(headers: Headers, query: Query, body: bytes) -> Response:
        try:
            decode.query_values(query, known)
            decode.check_encoding(headers)
        except LeptonError as error:
            return _response(refused(error))
        return handler(headers, query, body)

    return answer


def _stopping() -> Unavailable:
    return Unavailable("this server is stopping; send requests elsewhere")


def _answered(work: Callable[[], Message], refused: Refused, where: str) -> Response:
    try:
        return _response(work())
    except Exception as error:  # noqa: BLE001  (the last wall: nothing else may reach the caller)
        return _response(refused(as_shown(error, where)))


def _response(message: Message) -> Response:
    return Response(message.status, {**message.headers, **_GUARDS}, message.body)
