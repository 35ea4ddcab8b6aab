"""Keys for things whose names may be anything."""

import re
from collections.abc import Iterable
from hashlib import blake2b


def readable_key(name: str, identity: bytes | Iterable[bytes]) -> str:
    """At most 63 ASCII letters, digits and '_.-': what can be read of ``name``, and a digest of ``identity``.

    The ``identity`` may come in pieces.

    Things of other identities have other keys, whatever their names are.

    >>> readable_key("feature:mean radius", b"feature:mean radius")
    'feature-mean-radius-06c64802440b0e9e'
    """
    readable = re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-.")[:46]
    digest = blake2b(digest_size=8)
    for piece in (identity,) if isinstance(identity, bytes) else identity:
        digest.update(piece)
    return f"{readable or 'thing'}-{digest.hexdigest()}"
