"""What a server of one model answers: predictions as the whole platform makes them, what the model is, and health."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypeVar

import msgspec

from functions import predict
from functions.caller import Caller
from functions.context import VERSION, NotAtHand, without_waiting
from functions.edge import ROUTES, Call, Reply, decode
from functions.edge.media_types import OCTETS
from functions.edge.respond import as_shown, error_body
from functions.edge.shapes import MOST_SHOWN_LEVELS, ServedColumn
from infra.local.at_once import Answering, SentAnswer, answer_of
from infra.local.quick import JSON_HEADERS, QuickAnswers, takes
from infra.local.responses import Response, refusal
from infra.local.service.app import Door, Headers, Query, Stage, Table, is_quick
from infra.local.service.foreign import ForeignAnswers
from infra.local.service.source import OneModel
from lepton_core.errors import InvalidInput, UnsupportedMediaType
from lepton_core.evaluate import LabelRule

_JSON = "application/json"
_PREDICT = next(one for one in ROUTES if one.handler is predict.predict)

_encoder = msgspec.json.Encoder()
_decode = decode.body_decoder(predict.Predict)

B = TypeVar("B")
T = TypeVar("T")


class ServedModel(msgspec.Struct, frozen=True, omit_defaults=True):
    """The model of this server: which ``version`` answers at ``path``, and the columns of its rows in order.

    ``watched``: its traffic is counted on a platform. ``champion`` and ``latest`` are that version, too.
    """

    name: str
    version: int
    algorithm: str
    dataset: str
    created: datetime
    task: str
    label: str
    classes: tuple[str, ...]
    columns: list[ServedColumn]
    path: str
    watched: bool
    champion: int
    latest: int
    rule: LabelRule | None = None


@dataclass(frozen=True)
class Answers:
    """What answers for the model of ``source``."""

    source: OneModel
    stage: Stage
    in_thread: Callable[[Callable[[], None]], object]

    @property
    def path(self) -> str:
        """Where predictions are asked for."""
        return f"/v1/models/{self.source.name}/predict"

    def table(self) -> Table:
        """All of them by method and path, with those in protocols of other systems."""
        foreign = ForeignAnswers(self.source, self.stage, self._foreign)
        return {
            **dict(foreign.doors()),
            ("POST", self.path): Door(self.of_rows, at_once=self.at_once),
            ("GET", f"/v1/models/{self.source.name}"): Door(self.of_model),
            ("GET", "/v1/health"): Door(self.live, no_key=True),
            ("GET", "/v1/health/live"): Door(self.live, no_key=True),
            ("GET", "/v1/health/ready"): Door(self.ready, no_key=True),
        }

    def of_rows(self, headers: Headers, query: Query, body: bytes) -> Response:
        """Predictions for the rows of a JSON body, or of a container."""
        return answered(lambda: self._predictions(headers, query, body), _PREDICT.where)

    def at_once(self, headers: Headers) -> Answering | None:
        """What answers as `of_rows` does where that takes no thread, which depends on the body."""

        def answering(body: bytes) -> SentAnswer | None:
            loaded = self.source.at_hand(headers)
            if loaded is None:
                return None
            sent = self._quick.sent(loaded, self.source.name, body)
            if sent is None and is_quick(headers, body):
                with suppress(NotAtHand), without_waiting():
                    return answer_of(self.of_rows(headers, {}, body))
            return sent

        return answering if takes(headers) else None

    def of_model(self, headers: Headers, query: Query, body: bytes) -> Response:
        """What the model is as of now, and the columns that its rows bring."""
        return answered(partial(_alone, query, self._model), "GET /v1/models/{model}")

    def live(self, headers: Headers, query: Query, body: bytes) -> Response:
        """That the process answers."""
        said = {"status": "ok", "version": VERSION}
        return answered(partial(_alone, query, lambda: said), "GET /v1/health/live")

    def ready(self, headers: Headers, query: Query, body: bytes) -> Response:
        """Whether new requests should come here: not any more, once the server was told to stop."""
        if self.stage.stopping:
            return refusal(503, "unavailable", "this server is stopping; send requests elsewhere")
        return answered(partial(_alone, query, self._ready), "GET /v1/health/ready")

    def _ready(self) -> dict[str, Any]:
        loaded = self.source.loaded()
        watched = self.source.watched
        return {"status": "ready", "model": self.source.name, "version": loaded.version, "watched": watched}

    def _predictions(self, headers: Headers, query: Query, body: bytes) -> Reply[predict.Predictions]:
        decode.check_encoding(headers)
        decode.idempotency_key(headers, taken=False)
        values = decode.query_values(query, _PREDICT.query)
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media == OCTETS:
            return predict.predict_columns(self._call(body, body, values, headers), self.source.name)
        if media != _JSON:
            known = " or ".join(_PREDICT.content_types)
            raise UnsupportedMediaType(f"unsupported media type: {media[:64]}; send {known}")
        loaded = None if values else self.source.at_hand(headers)
        quick = None if loaded is None else self._quick.answer(loaded, self.source.name, body)
        if quick is not None:
            return quick
        wanted = self._wanted(body, headers)
        return predict.predict(self._call(wanted, body, values, headers), self.source.name)

    def _wanted(self, body: bytes, headers: Headers) -> predict.Predict:
        try:
            wanted: predict.Predict = _decode(body)
        except InvalidInput:
            meant = predict.misread(self._call(body, body, {}, headers), self.source.name)
            if meant is None:
                raise
            return meant
        return wanted

    def _foreign(self, headers: Headers, body: bytes) -> Call[bytes]:
        return self._call(body, body, {}, headers)

    def _call(self, body: B, raw: bytes, query: Mapping[str, str], headers: Headers) -> Call[B]:
        return Call(
            platform=self.source.platform,
            caller=self._caller,
            store=self.source.store,
            body=body,
            query=query,
            raw=raw,
            declared=_PREDICT.query,
            headers=headers,
        )

    @cached_property
    def _quick(self) -> QuickAnswers:
        source = self.source
        return QuickAnswers(source.platform, self.in_thread, source.watched, counts=source.counts)

    @cached_property
    def _caller(self) -> Caller:
        return Caller(self.source.store.name, "", frozenset({"predict"}))

    def _model(self) -> ServedModel:
        loaded, origin = self.source.loaded(), self.source.origin()
        version = loaded.predictor
        return ServedModel(
            name=self.source.name,
            version=loaded.version,
            algorithm=version.algorithm,
            dataset=origin.dataset,
            created=origin.created,
            task=version.task,
            label=version.label,
            classes=version.classes,
            columns=[
                ServedColumn(one.name, one.kind, one.levels[:MOST_SHOWN_LEVELS], len(one.levels))
                for one in version.schema.columns
                if one.name in loaded.reads
            ],
            path=self.path,
            watched=self.source.watched,
            champion=loaded.version,
            latest=loaded.version,
            rule=loaded.rule,
        )


def answered(work: Callable[[], Any], where: str) -> Response:
    """What ``work`` returns, as JSON; or its error in the API's shape. ``where`` names the route in the log."""
    try:
        made = work()
        if isinstance(made, Reply):
            return Response(made.status, {**JSON_HEADERS, **made.headers}, _encoder.encode(made.value))
        return _said(made)
    except Exception as error:  # noqa: BLE001  (the last wall: nothing else may reach the caller)
        shown = as_shown(error, where)
        return Response(shown.status, JSON_HEADERS, error_body(shown).encode())


def _alone(query: Query, work: Callable[[], T]) -> T:
    """What ``work`` returns, of a call whose query says nothing. Raises `InvalidInput` for any other."""
    decode.query_values(query, {})
    return work()


def _said(value: Any) -> Response:
    return Response(200, JSON_HEADERS, _encoder.encode(value))
