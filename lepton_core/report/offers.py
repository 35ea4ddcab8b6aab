"""What a message offers: calls that read a file otherwise, or arguments of one, and the request that says the same."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lepton_core.report.values import RemedyRequest

_OFFER = re.compile(
    r"Data\.from_(?:csv|file)\(path, |Data\.from_pandas\(frame, "
    r"|\b(?:kinds|exclude|missing|decimal|day_first|header|bad_rows|names|sheet)=(?=[\[{('\"\dTF])"
)
_ENDS = re.compile(r"[\]})'\"\d]|True|False")


@dataclass(frozen=True)
class Offer:
    """A call or an argument in a text, from ``start`` to ``end``, and what it says by the names of the options."""

    start: int
    end: int
    body: dict[str, Any]


def offers(text: str) -> Iterator[Offer]:
    """Those in ``text``, in their order.

    >>> [one.body for one in offers("without it: Data.from_csv(path, exclude=['a b']); or with kinds={'zip': 'text'}")]
    [{'exclude': ['a b']}, {'kinds': {'zip': 'text'}}]
    """
    at = 0
    while (found := _OFFER.search(text, at)) is not None:
        end, body = _given(text, found)
        if body:
            yield Offer(found.start(), end, body)
        at = end


def request_of(text: str) -> RemedyRequest | None:
    """The fields of an upload that say what the first offer in ``text`` says; None without one that can be sent.

    >>> request_of("is missing; to go on without it: Data.from_csv(path, exclude=['zip'])")
    RemedyRequest(route='upload', body={'exclude': ['zip']})
    """
    first = next(offers(text), None)
    if first is None or not _can_be_sent(first.body):
        return None
    return RemedyRequest("upload", first.body)


def _can_be_sent(value: Any) -> bool:
    """Whether it has no place that is left to be filled in."""
    if isinstance(value, dict):
        return all(map(_can_be_sent, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_can_be_sent, value))
    return isinstance(value, str | bool | int | float) and value != "..."


def _given(text: str, found: re.Match[str]) -> tuple[int, dict[str, Any]]:
    """Where the call or argument that begins at ``found`` ends, and what it says; nothing if it is none."""
    is_call = found[0].startswith("Data")
    for sign in _ENDS.finditer(text, found.end()):
        source = text[found.start() : sign.end()] if is_call else f"f({text[found.start() : sign.end()]})"
        try:
            call = ast.parse(source, mode="eval").body
            body = {str(one.arg): ast.literal_eval(one.value) for one in getattr(call, "keywords", ())}
        except (SyntaxError, ValueError):
            continue
        if body:
            return sign.end(), {name: "..." if value is ... else value for name, value in body.items()}
    return found.end(), {}
