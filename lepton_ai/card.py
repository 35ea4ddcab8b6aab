"""The model card of a version, written into a file."""

from pathlib import Path
from urllib.parse import quote

from lepton_ai.errors import InvalidInput
from lepton_ai.transport import Transport


def card_of(transport: Transport, model: str, version: int) -> bytes:
    """The card as the platform makes it: a page of HTML in UTF-8."""
    found: bytes = transport.call(
        "GET", f"/v1/models/{quote(model, safe='')}/versions/{version}/card", decoder=bytes
    )
    return found


def write_card(transport: Transport, model: str, version: int, path: str | Path) -> Path:
    """Write the card into the file ``path``; ``InvalidInput`` (field 'path') if that cannot be written."""
    made, target = card_of(transport, model, version), Path(path)
    try:
        target.write_bytes(made)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}", field="path") from None
    return target
