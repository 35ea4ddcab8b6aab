"""Which names a platform on one machine answers to: a page of another site may have its name lead here."""

from collections.abc import Iterable
from ipaddress import ip_address

from infra.local.responses import Response, refusal

VARIABLE = "LEPTON_HOSTS"
"""The environment variable with further names, separated by commas: those under which a proxy is known."""


def listed(text: str) -> frozenset[str]:
    """The names in the value of the variable.

    >>> sorted(listed("lepton.example.org, ml.example.org"))
    ['lepton.example.org', 'ml.example.org']
    """
    return frozenset(filter(None, (name.strip().lower() for name in text.split(","))))


def is_ours(host: str, names: Iterable[str]) -> bool:
    """Whether a ``Host`` header names this machine: by an address, by ``localhost``, by one of the ``names``.

    So does a name without a dot, which only the own network can know. Whoever owns a name on the internet can have it
    lead to this machine, and with it the pages of that name (DNS rebinding).

    >>> [is_ours(host, ["ml.example.org"]) for host in ("127.0.0.1:8642", "[::1]:80", "ml.example.org", "lepton")]
    [True, True, True, True]
    >>> is_ours("evil.example.org:8642", [])
    False
    """
    name = host.rpartition("]")[0].lstrip("[") or host.partition(":")[0]
    name = name.rstrip(".").lower()
    if "." not in name or name.endswith(".localhost") or name in names:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def refuse(host: str) -> Response:
    """The answer to a request under another name."""
    shown = host.encode("ascii", "backslashreplace").decode()[:100]
    message = f"this platform does not answer to the name {shown!r}; if that is its name, start it with {VARIABLE}=NAME"
    return refusal(421, "misdirected", message, {"connection": "close"})
