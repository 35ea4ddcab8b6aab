"""A version out of its file into a platform: checked here, sent, and followed until it is one of a model."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from lepton_ai.content import Content, file_content
from lepton_ai.errors import error_of
from lepton_ai.follow import until
from lepton_ai.progress import reporter
from lepton_ai.replies import read
from lepton_ai.transport import Transport, checked_name
from lepton_core.errors import Failure, InvalidArtifact

if TYPE_CHECKING:
    from lepton_core.export import ExportHead

_BIG = 4 << 20


class ImportView(msgspec.Struct, frozen=True):
    """What became of a file: ``version`` of the ``model``, which was ``made``, or was there before."""

    id: str
    model: str
    state: str
    url: str | None = None
    version: int | None = None
    made: bool = False
    error: Failure | None = None

    def said(self, head: "ExportHead") -> str:
        """One line; ``head`` is that of the file."""
        came = f"version {head.version} of {head.model}, trained elsewhere"
        if self.made:
            return f"{self.model} version {self.version}: {came}"
        return f"{self.model} has it already, as version {self.version}: {came}"


def take_in(
    transport: Transport, path: str | Path, name: str | None, dataset: str | None, *, quiet: bool
) -> tuple[ImportView, "ExportHead"]:
    """The version in the file ``path`` as one of the model ``name`` (None: as its file calls it), and what it says.

    Raises `InvalidArtifact` and `NewerFormat`, before anything is sent, and what the platform rejects it for.
    """
    from lepton_core.export import read_export  # noqa: PLC0415  (loads numpy)

    data = file_content(path)
    try:
        head = read_export(data).head
    except InvalidArtifact as error:
        raise error.in_file(str(path)) from None
    content = Content.of(data, path)
    model = checked_name(head.model if name is None else name)
    start = f"/v1/models/{quote(model, safe='')}/import"
    body: dict[str, Any] = {"size": content.size}
    if dataset is not None:
        body["dataset"] = checked_name(dataset, "dataset")
    sent = read(transport.call("POST", start, body=body), ImportView)
    where = f"{start}/{quote(sent.id, safe='')}"
    shown = reporter(f"importing {model}", "byte", quiet=quiet or content.size < _BIG)
    try:
        transport.call(
            "PUT",
            sent.url or where,
            body=content,
            content_type="application/octet-stream",
            sent=lambda count: shown.update(count, content.size),
        )
    finally:
        shown.close()
    done = until(
        lambda: read(transport.call("GET", where), ImportView), lambda one: one.state != "waiting", first=sent
    )
    if done.error is not None:
        raise error_of(done.error)
    return done, head
