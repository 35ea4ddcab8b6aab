"""Who may ask a server of one model: on the machine itself anybody, from elsewhere whoever shows a key."""

import hmac
from collections.abc import Callable
from ipaddress import ip_address

from functions.edge.allow import authenticate, presented
from infra.local.service.app import Headers
from infra.local.service.source import OneModel
from lepton_core.errors import Forbidden, InvalidInput, Unauthorized

KEY_VARIABLE = "LEPTON_API_KEY"
"""The environment variable with the key of a server without a platform: it is the one that its clients set, too."""

_LEAST_LETTERS = 16


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``.

    >>> [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "ml.example.org")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def guard(source: OneModel, host: str, key: str) -> Callable[[Headers], None]:
    """What raises `Unauthorized`, or `Forbidden`, for the headers of a request to ``host``.

    Elsewhere than on the machine itself a request needs a key of the platform with the scope ``predict``; of a file the
    ``key`` of the environment. Raises `InvalidInput` if that is missing there.
    """
    if is_loopback(host):
        return _of_this_machine
    if source.watched:
        return lambda headers: _of_platform(source, headers)
    if len(key) < _LEAST_LETTERS:
        raise InvalidInput(
            f"a server that others reach needs a key: set {KEY_VARIABLE} to a secret of at least {_LEAST_LETTERS} "
            "letters, or listen on 127.0.0.1",
            field="host",
        )
    return lambda headers: _of_environment(key, headers)


def _of_this_machine(headers: Headers) -> None:
    """Any program on it may ask; a page that a browser on it shows comes from elsewhere."""
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Forbidden("a page of another site may not call this server")


def _of_platform(source: OneModel, headers: Headers) -> None:
    caller = authenticate(source.platform, headers)
    if caller.workspace != source.store.name or "predict" not in caller.scopes:
        raise Forbidden("this API key lacks the scope 'predict'")


def _of_environment(key: str, headers: Headers) -> None:
    shown = presented(headers)
    if shown is None or not hmac.compare_digest(shown.encode(), key.encode()):
        raise Unauthorized("send the key of this server as 'Authorization: Bearer KEY'")
