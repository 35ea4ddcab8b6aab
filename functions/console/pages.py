"""The routes of the console: its page at the root, and its files."""

from pathlib import PurePath
from urllib.parse import urlsplit

from chalice.app import Blueprint

from functions import edge
from functions.console import files
from functions.storage import Blobs
from lepton_core.errors import NotFound

bp = Blueprint(__name__)


@edge.route(bp, "GET", "/", scope=None, public=True, returns=edge.Html)
def console(call: edge.Call[None]) -> edge.Html:
    """The web console."""
    return edge.Html(files.page(call.at), console_policy(_origin_of_uploads(call.platform.blobs)))


def console_policy(uploads: str | None) -> str:
    """What the page may load and run: what comes from its own origin, in files. It may send files to ``uploads``."""
    connects = "'self'" if uploads is None else f"'self' {uploads}"
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src {connects}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _origin_of_uploads(blobs: Blobs) -> str | None:
    """Where the store takes files without this platform, as an address for one tells; None: nowhere."""
    url = blobs.upload_url("none/incoming/none", size=1, seconds=1)
    if url is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@edge.route(bp, "GET", "/console/{build}/{file}", scope=None, public=True, returns=edge.Asset)
def console_file(call: edge.Call[None], build: str, file: str) -> edge.Asset:
    """A file of the web console; its address changes with its content."""
    text = files.files().get(file)
    if text is None or build != files.build():
        raise NotFound("this is no file of the console as it is now; load the page again")
    return edge.Asset(text, files.MEDIA[PurePath(file).suffix])
