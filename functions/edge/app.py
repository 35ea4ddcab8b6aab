"""The Chalice app that several threads may call at once, and that knows one shape of error."""

import threading
from typing import Any

import msgspec
from chalice.app import Chalice, Request

from functions.edge.media_types import BINARY

WHERE = "/openapi.json lists all paths, and /v1/health says whether the platform answers"
_CODES = {404: "not_found", 405: "method_not_allowed", 415: "unsupported_media_type"}


class _OfChalice(msgspec.Struct, forbid_unknown_fields=True):
    """An error as Chalice itself answers one."""

    Code: str
    Message: str


class LeptonApp(Chalice):
    """Chalice, with the request of a thread kept in that thread and its own errors in our shape."""

    def __init__(self, app_name: str) -> None:
        # The app may live in a user's process: no log handler on standard output, no changed environment.
        self._here = threading.local()
        super().__init__(app_name, configure_logs=False, env={})
        self.api.binary_types = [*dict.fromkeys((*self.api.binary_types, *BINARY))]

    @property
    def current_request(self) -> Request | None:
        """The request that this thread is answering."""
        return getattr(self._here, "request", None)

    @current_request.setter
    def current_request(self, request: Request | None) -> None:
        self._here.request = request

    @property
    def lambda_context(self) -> Any:
        """The Lambda context of the request that this thread is answering."""
        return getattr(self._here, "context", None)

    @lambda_context.setter
    def lambda_context(self, context: Any) -> None:
        self._here.context = context

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer one API Gateway event."""
        asked = event.get("requestContext", {})
        if asked.get("resourcePath") not in self.routes:
            return _error(404, f"no such path; {WHERE}", {})
        response: dict[str, Any] = super().__call__(event, context)
        status: int = response["statusCode"]
        if status < 400:
            return response
        try:
            message = msgspec.json.decode(response["body"], type=_OfChalice).Message
        except msgspec.DecodeError:
            return response
        if status == 415:
            known = self.routes[asked["resourcePath"]][asked["httpMethod"]].content_types
            message += f"; send {' or '.join(known)}"
        return _error(status, message[:1].lower() + message[1:], response["headers"])


def _error(status: int, message: str, headers: dict[str, str]) -> dict[str, Any]:
    code = _CODES.get(status, "internal" if status >= 500 else "invalid_input")
    return {
        "statusCode": status,
        "headers": {**headers, "Content-Type": "application/json"},
        "multiValueHeaders": {},
        "body": msgspec.json.encode({"error": {"code": code, "message": message}}).decode(),
    }
