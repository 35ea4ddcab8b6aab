"""Predictions of a whole platform that need neither a thread nor the app: of a short body, for a caller it knows."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions import predict
from functions.context import Platform
from functions.edge import ROUTES
from functions.edge.allow import known_as
from infra.local.at_once import Answering, SentAnswer
from infra.local.hosts import is_ours
from infra.local.quick import QuickAnswers, takes

_ROUTE = next(one for one in ROUTES if one.handler is predict.predict)
_BEFORE, _BEHIND = (part.encode() for part in _ROUTE.path.split("{model}"))


@dataclass(frozen=True)
class PredictionsAtOnce:
    """An `AtOnce` of the models of ``platform``, which answers to ``names`` as well, see `is_ours`.

    What it answers has the bytes and the counts that the app would answer it with. Whatever may have to look at the
    store goes to the app: a key, or a model, that this process has not seen a moment ago. So do all errors.
    """

    platform: Platform
    quick: QuickAnswers
    names: frozenset[str]

    def __call__(self, target: bytes, raw: Sequence[tuple[bytes, bytes]]) -> Answering | None:
        """See `AtOnce`."""
        if not (target.startswith(_BEFORE) and target.endswith(_BEHIND)):
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        if len(headers) < len(raw) or not takes(headers) or not is_ours(headers.get("host", ""), self.names):
            return None
        # A name that is percent-encoded is none that a model has: the app says so.
        model = target[len(_BEFORE) : -len(_BEHIND)].decode("latin-1")
        platform, digest = self.platform, known_as(headers)
        if digest is None:
            return None

        def answering(body: bytes) -> SentAnswer | None:
            caller = platform.keys.get(digest, platform.clock())
            if caller is None or _ROUTE.scope not in caller.scopes:
                return None
            loaded = platform.loaded.at_hand(caller.workspace, model, headers)
            return None if loaded is None else self.quick.sent(loaded, model, body)

        return answering
