"""An error that no handler has seen, in the words of the protocol that is spoken at its address."""

from chalice.app import Chalice

from functions.edge import ROUTES
from infra.local.gateway import match
from infra.local.responses import Response, refused_below, reworded


def in_own_words(app: Chalice, path: str, response: Response) -> Response:
    """``response``, an error rewritten if the routes at ``path`` write theirs in a protocol of their own.

    Such errors are those of the server itself: a body that is too long, or comes too slowly, another method. Where no
    route is, those count that begin as ``path`` does.
    """
    if response.status < 400:
        return response
    if (found := match(app, path)) is None:
        refused = refused_below(path, ((one.path, one.refused) for one in ROUTES))
    else:
        refused = next((one.refused for one in ROUTES if one.path == found.resource), None)
    return response if refused is None else reworded(response, refused)
