"""An error that no handler has seen, in the words of the protocol that is spoken at its address."""

import json
from dataclasses import replace

from chalice.app import Chalice

from functions.edge import ROUTES
from infra.local.gateway import match
from infra.local.responses import Response
from lepton_core.errors import LeptonError


def in_own_words(app: Chalice, path: str, response: Response) -> Response:
    """``response``, an error rewritten if the routes at ``path`` write theirs in a protocol of their own.

    Such errors are those of the server itself: a body that is too long, or comes too slowly, another method.
    """
    if response.status < 400 or (found := match(app, path)) is None:
        return response
    refused = next((one.refused for one in ROUTES if one.path == found.resource), None)
    if refused is None:
        return response
    said = json.loads(response.body).get("error")
    if not isinstance(said, dict):
        return response
    error = LeptonError(said["message"])
    error.status = response.status
    message = refused(error)
    return replace(response, headers={**response.headers, **message.headers}, body=message.body)
