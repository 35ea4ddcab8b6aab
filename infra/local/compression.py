"""Compressed answers, where a browser takes them and the answer is the same for everybody."""

import gzip
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from infra.local.responses import Response

_LEAST = 500
_LASTING = "immutable"


def compressed(response: Response, headers: Iterable[tuple[bytes, bytes]]) -> Response:
    """``response`` as it is sent to a request with these ``headers``.

    Only files that are the same for every caller are compressed: of an answer with a secret beside what a caller chose,
    the length would tell of the secret (BREACH).
    """
    if _LASTING not in response.headers.get("cache-control", "") or len(response.body) < _LEAST:
        return response
    vary = {**response.headers, "vary": "accept-encoding"}
    if not any(name == b"accept-encoding" and b"gzip" in value for name, value in headers):
        return replace(response, headers=vary)
    return Response(response.status, {**vary, "content-encoding": "gzip"}, _gzipped(response.body))


@lru_cache(maxsize=64)
def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
