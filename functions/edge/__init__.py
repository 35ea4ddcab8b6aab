"""The HTTP edge: JSON to a typed `Call`, an API key to a workspace, an error to a status, a value to JSON.

A step declares its routes with `route` and never touches a request, a header or a status itself.
"""

from functions.edge.allow import authenticate
from functions.edge.decode import Count, Flag, leniently
from functions.edge.page import PAGING, page
from functions.edge.received import Received
from functions.edge.respond import Reply
from functions.edge.route import ROUTES, Call, Endpoint, route

__all__ = [
    "PAGING",
    "ROUTES",
    "Call",
    "Count",
    "Endpoint",
    "Flag",
    "Received",
    "Reply",
    "authenticate",
    "leniently",
    "page",
    "route",
]
