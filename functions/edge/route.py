"""`route`: a handler of typed values, made a view of a Chalice blueprint."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

from functions.caller import Caller
from functions.context import Platform, current
from functions.edge import decode
from functions.edge.decode import LIMIT, Choice, Count, Query, Typed
from functions.edge.received import HANDED, Received
from functions.edge.respond import Reply, respond, respond_error, unless_known
from functions.edge.session import caller_of, set_cookie
from functions.edge.shapes import Scope
from functions.records.names import Named, named
from functions.storage import Workspace
from lepton_core.errors import Forbidden, InvalidInput, LeptonError
from lepton_core.protocols import Message

if TYPE_CHECKING:
    from chalice.app import Blueprint as ChaliceBlueprint
    from chalice.app import Request, Response

    from functions.edge.blueprint import Blueprint

B = TypeVar("B")
P = ParamSpec("P")
R = TypeVar("R")

_PUBLIC = Caller("_public", "", frozenset())
_JSON = ("application/json",)

SIGNATURE = "AWS4-HMAC-SHA256"
"""How the header of a signed request begins."""


@dataclass(frozen=True)
class Endpoint:
    """One route as declared: the source of the OpenAPI text and of the test that walks all routes.

    ``parameters`` maps each path parameter to what decodes it; ``also`` lists the statuses besides ``status``
    that a `Reply` may carry, and ``once`` is whether it takes an Idempotency-Key. ``refused`` writes its errors, where
    they are not of the API's own shape.
    """

    method: str
    path: str
    scope: Scope | None
    public: bool
    body: Any
    returns: Any
    status: int
    also: tuple[int, ...]
    query: Mapping[str, Query]
    content_types: tuple[str, ...]
    once: bool
    parameters: Mapping[str, Callable[[str], Any]]
    handler: Callable[..., Any]
    refused: Callable[[LeptonError], Message] | None = None

    @property
    def where(self) -> str:
        """Method and path, as the log names the route."""
        return f"{self.method} {self.path}"

    @property
    def name(self) -> str:
        """A name that no other route has: ``train``, ``upload_put_file``."""
        module, function = self.step, self.handler.__name__
        return function if f"{function}_".startswith(f"{module}_") else f"{module}_{function}"

    @property
    def step(self) -> str:
        """The module that declares the route: its step in the lifecycle."""
        return self.handler.__module__.rpartition(".")[2]


ROUTES: list[Endpoint] = []
"""Every route that was declared, in the order of the imports."""


@dataclass(frozen=True, slots=True)
class Call(Generic[B]):
    """One request, decoded and allowed: who calls (``caller``), on which ``store``, with what.

    ``body`` is an instance of the route's ``body`` type (`Received` for a route that takes a file, None without a
    body), ``query`` the query parameters that were given, ``raw`` the bytes of the body, ``idempotency_key``
    the header of that name, ``at`` the path that was asked for, with the part that stands before those of the routes.
    ``headers`` finds names in any case.
    """

    platform: Platform
    caller: Caller
    store: Workspace
    body: B
    query: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    idempotency_key: str | None = None
    declared: Mapping[str, Query] = field(default_factory=dict)
    at: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def limit(self) -> int:
        """The ``limit`` of a paged route: 1 to 1000, 100 if not given. Raises `InvalidInput`."""
        return decode.count(self.query, "limit", LIMIT)

    @property
    def after(self) -> str:
        """The ``after`` of a paged route: a key, or "" for the first page. Raises `InvalidInput`."""
        return decode.cursor(self.query)

    def count(self, key: str) -> int:
        """The query parameter ``key``, which the route declares as a `Count`. Raises `InvalidInput`."""
        wanted = self.declared[key]
        if not isinstance(wanted, Count):
            raise TypeError(f"{key!r} is not declared as a Count")
        return decode.count(self.query, key, wanted)

    def choice(self, key: str) -> str | None:
        """The query parameter ``key``, which the route declares as a `Choice`. Raises `InvalidInput`."""
        wanted = self.declared[key]
        if not isinstance(wanted, Choice):
            raise TypeError(f"{key!r} is not declared as a Choice")
        return decode.choice(self.query, key, wanted)

    def typed(self, key: str) -> Any:
        """The query parameter ``key``, which the route declares as `Typed`; None: not given. Raises `InvalidInput`."""
        wanted = self.declared[key]
        if not isinstance(wanted, Typed):
            raise TypeError(f"{key!r} is not declared as Typed")
        return decode.typed(self.query, key, wanted)

    def flag(self, key: str) -> bool:
        """The query parameter ``key``, which the route declares as a `Flag`. Raises `InvalidInput`."""
        return decode.flag(self.query, key)


def route(
    bp: "Blueprint | ChaliceBlueprint",
    method: str,
    path: str,
    *,
    scope: Scope | None,
    body: type[B] | None = None,
    returns: Any,
    status: int = 200,
    also: Sequence[int] = (),
    query: Mapping[str, Query] | None = None,
    content_types: Sequence[str] = _JSON,
    public: bool = False,
    once: bool = False,
    misread: Callable[..., Any] | None = None,
    of_bytes: Callable[..., Any] | None = None,
    of_handed: Callable[..., Any] | None = None,
    refused: Callable[[LeptonError], Message] | None = None,
    signed: bool = False,
) -> Callable[[Callable[Concatenate[Call[B], P], R]], Callable[Concatenate[Call[B], P], R]]:
    """Register a handler under ``method`` and ``path``; the handler itself is returned unchanged.

    The handler gets a `Call` and the parameters of the path: a name as it is, or, where it annotates ``int``,
    a version (1, 2, ...); what cannot be either is not found. Where it annotates `Named`, it gets a data set's name
    with the key that this leads to. It returns a ``returns``, or a `Reply` to
    answer with a status of ``also``. It raises errors of `lepton_core.errors`; ``Lost`` and ``BlobMissing``
    may pass through it.

    Every route demands a key with ``scope``, unless it says ``public=True``. ``body`` is a msgspec type,
    `Received` for a route that takes a file in one of ``content_types``, ``bytes`` for one that takes the body as it is
    and looks at its type itself, or None. ``query`` describes each query
    parameter by a text, or as a `Count`, a `Flag`, a `Choice` or as `Typed`; others are refused.

    ``once=True`` says that the handler heeds the ``idempotency_key`` of the `Call`; a route without it refuses one,
    so that nobody relies on a promise that is not kept.

    ``misread`` is asked about a body that is not a ``body``: called as the handler, with the bytes as the body of
    the `Call`, it may return the ``body`` that is meant, or raise an error that says more. If it returns None, the body
    is refused all the same.

    ``of_bytes`` answers in place of the handler where the body is of another one of the ``content_types`` than JSON:
    called as the handler, with the bytes as the body of the `Call`.

    ``of_handed`` answers in place of the handler where a host in this process hands over a value and no body: called as
    the handler, with that value as the body of the `Call`.

    ``refused`` writes the errors of a route of another protocol. ``signed=True`` says that a request may be signed with
    AWS Signature Version 4 in place of bringing its key.
    """
    if (scope is None) != public:
        raise ValueError(f"{method} {path}: name a scope, or declare the route public")

    def register(
        handler: Callable[Concatenate[Call[B], P], R],
    ) -> Callable[Concatenate[Call[B], P], R]:
        endpoint = Endpoint(
            method=method,
            path=path,
            scope=scope,
            public=public,
            body=body,
            returns=returns,
            status=status,
            also=tuple(also),
            query=dict(query or {}),
            content_types=tuple(content_types) if body is not None else (),
            once=once,
            parameters=_parameters(handler, path),
            handler=handler,
            refused=refused,
        )
        taken = [] if body is bytes else list(endpoint.content_types)
        options = {"methods": [method], "content_types": taken, "name": endpoint.name}
        bp.route(path, **options)(_view(bp, endpoint, misread, of_bytes, of_handed, signed=signed))
        ROUTES.append(endpoint)
        return handler

    return register


def _parameters(handler: Callable[..., Any], path: str) -> dict[str, Callable[[str], Any]]:
    hints = get_type_hints(handler)
    named = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return {key: decode.version if hints[key] is int else decode.name for key in named}


def _view(
    bp: "Blueprint | ChaliceBlueprint",
    endpoint: Endpoint,
    misread: Callable[..., Any] | None,
    of_bytes: Callable[..., Any] | None,
    of_handed: Callable[..., Any] | None,
    *,
    signed: bool,
) -> "Callable[..., Response]":
    """The function that Chalice calls; everything that a request does not change is prepared here, once."""
    takes_file = endpoint.body is Received
    takes_all = takes_file or endpoint.body is bytes
    decode_body = decode.body_decoder(None if takes_all else endpoint.body)
    allowed = _public if endpoint.public else _with_scope(endpoint.scope, signed=signed)
    handler, status, query = endpoint.handler, endpoint.status, endpoint.query
    takes_body, once = endpoint.body is not None, endpoint.once
    others = set(endpoint.content_types).difference(_JSON)
    parameters = list(endpoint.parameters.items())
    hints = get_type_hints(handler)
    looks = endpoint.method == "GET"
    datasets = [key for key in endpoint.parameters if hints[key] is Named]

    def view(**path: str) -> "Response":
        try:
            request: Request = bp.current_request
            platform = current()
            event = request.to_original_event()
            decode.check_headers(event.get("multiValueHeaders"))
            caller = allowed(platform, request)
            if takes_body:
                decode.check_encoding(request.headers)
            given = {key: convert(path[key]) for key, convert in parameters}
            raw = _raw(request)
            answer = handler
            body: Any = raw
            try:
                if of_handed is not None and HANDED in event:
                    answer, body = of_handed, event[HANDED]
                elif of_bytes is not None and _content_type(request) in others:
                    answer = of_bytes
                elif takes_all:
                    body = Received.of(event, raw) if takes_file else raw
                else:
                    body = decode_body(raw)
            except InvalidInput:
                store = platform.workspace(caller.workspace)
                body = misread and misread(
                    Call(platform, caller, store, raw, raw=raw, headers=request.headers), **given
                )
                if body is None:
                    raise
            call = Call(
                platform=platform,
                caller=caller,
                store=platform.workspace(caller.workspace),
                body=body,
                query=decode.query_values(event["multiValueQueryStringParameters"], query),
                raw=raw,
                idempotency_key=decode.idempotency_key(request.headers, taken=once),
                declared=query,
                at=event["requestContext"].get("path", "/"),
                headers=request.headers if endpoint.refused is None else _foreign(request),
            )
            for key in datasets:
                given[key] = named(call.store, given[key])
            value = answer(call, **given)
            if not isinstance(value, Reply):
                made = respond(value, status)
                return made if not looks else unless_known(made, request.headers.get("if-none-match", ""))
            response = respond(value.value, value.status)
            response.headers.update(value.headers)
            if value.cookie is not None:
                of = value.cookie
                response.headers["Set-Cookie"] = set_cookie(request.headers, of.secret, of.seconds)
            return response
        except Exception as error:  # noqa: BLE001  (the last wall: nothing else may reach the caller)
            return respond_error(error, endpoint.where, endpoint.refused)

    return view


def _content_type(request: "Request") -> str:
    said: str = request.headers.get("content-type", "")
    return said.partition(";")[0].strip().lower()


def _public(platform: Platform, request: "Request") -> Caller:
    return _PUBLIC


def _foreign(request: "Request") -> Mapping[str, str]:
    """The headers of a request, with an Accept that says whether the way back carries bytes.

    API Gateway carries them to those alone who accept their very type. A host that hands over bytes takes them back.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    accept = headers.get("accept", "*/*")
    if accept.strip() == "*/*" and not isinstance(request.to_original_event()["body"], bytes):
        return {**headers, "accept": "application/json"}
    return headers


def _with_scope(scope: Scope | None, *, signed: bool) -> "Callable[[Platform, Request], Caller]":
    def allowed(platform: Platform, request: "Request") -> Caller:
        if signed and request.headers.get("authorization", "").startswith(SIGNATURE):
            from functions.edge.signature import signed_caller  # noqa: PLC0415  (few calls are signed)

            caller = signed_caller(platform, request.to_original_event(), _raw(request))
        else:
            caller = caller_of(platform, request.method, request.headers)
        if scope not in caller.scopes:
            raise Forbidden(f"this API key lacks the scope {scope!r}")
        return caller

    return allowed


def _raw(request: "Request") -> bytes:
    try:
        raw = request.raw_body
    except ValueError:
        raise InvalidInput("the body is not what its encoding says") from None
    return raw.encode() if isinstance(raw, str) else raw
