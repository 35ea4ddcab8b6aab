"""The routes of the console: its page at the root, and its files."""

from pathlib import PurePath

from chalice.app import Blueprint

from functions import edge
from functions.console import files
from lepton_core.errors import NotFound

CONSOLE_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
"""What the page may load and run: what comes from its own origin, in files."""

bp = Blueprint(__name__)


@edge.route(bp, "GET", "/", scope=None, public=True, returns=edge.Html)
def console(call: edge.Call[None]) -> edge.Html:
    """The web console."""
    return edge.Html(files.page(), CONSOLE_POLICY)


@edge.route(bp, "GET", "/console/{build}/{file}", scope=None, public=True, returns=edge.Asset)
def console_file(call: edge.Call[None], build: str, file: str) -> edge.Asset:
    """A file of the web console; its address changes with its content."""
    text = files.files().get(file)
    if text is None or build != files.build():
        raise NotFound("this is no file of the console as it is now; load the page again")
    return edge.Asset(text, files.MEDIA[PurePath(file).suffix])
