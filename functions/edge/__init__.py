"""The HTTP edge: JSON to a typed `Call`, an API key to a workspace, an error to a status, a value to JSON.

A step declares its routes with `route` and never touches a request, a header or a status itself.
"""

from typing import TYPE_CHECKING

from functions.edge.allow import authenticate
from functions.edge.decode import Choice, Count, Flag, Typed, leniently
from functions.edge.page import ANSWERED_COLUMNS, COLUMN, PAGING, SEARCH, page
from functions.edge.received import Received
from functions.edge.respond import Asset, Cookie, Download, Exposition, Html, Reply
from functions.edge.route import ROUTES, Call, Endpoint, route
from functions.edge.session import caller_of
from lepton_core.later import later

if TYPE_CHECKING:
    from functions.edge.openapi import document

__all__ = [
    "ANSWERED_COLUMNS",
    "COLUMN",
    "PAGING",
    "ROUTES",
    "SEARCH",
    "Asset",
    "Call",
    "Choice",
    "Cookie",
    "Count",
    "Download",
    "Endpoint",
    "Exposition",
    "Flag",
    "Html",
    "Received",
    "Reply",
    "Typed",
    "authenticate",
    "caller_of",
    "document",
    "leniently",
    "page",
    "route",
]

__getattr__ = later(__name__, {"document": "openapi"})
