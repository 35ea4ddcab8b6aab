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
    try:
        target = Path(path)
    except TypeError:
        raise InvalidInput(f"must be the path of a file, not {type(path).__name__}", field="path") from None
    made = card_of(transport, model, version)
    try:
        target.write_bytes(made)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidInput(f"{str(target)!r} cannot be written: {reason}", field="path") from None
    return target
