"""A version as a file: fetched from its platform, and written whole or not at all."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import msgspec

from lepton_ai.errors import InvalidInput, Unavailable
from lepton_ai.replies import read
from lepton_ai.transport import Transport
from lepton_core.errors import InvalidArtifact


class ExportView(msgspec.Struct, frozen=True):
    """Where the platform has the file of a version."""

    url: str


def exported(transport: Transport, model: str, version: int) -> bytes:
    """The file of a version. Raises `Unavailable` if it did not come as it was sent."""
    from lepton_core.export import read_export  # noqa: PLC0415  (loads numpy)

    where = f"/v1/models/{quote(model, safe='')}/versions/{version}/export"
    found = read(transport.call("GET", where), ExportView)
    data: bytes = transport.call("GET", found.url, decoder=bytes) or b""
    try:
        read_export(data)
    except InvalidArtifact as error:
        raise Unavailable(f"the file of version {version} of {model} did not come whole: {error}") from None
    return data


def in_the_form_of(target: Path, data: bytes) -> bytes:
    """The exported version ``data`` as the name of ``target`` asks for it: as it is, or for ``.onnx`` a file of that.

    Raises `InvalidInput` (field 'path') that names what has no form in ONNX.
    """
    if target.suffix.lower() != ".onnx":
        return data
    from lepton_ai.onnx_file import onnx_bytes  # noqa: PLC0415  (loads numpy and onnx)
    from lepton_core.export import read_export  # noqa: PLC0415

    return onnx_bytes(read_export(data))


def file_to_write(path: str | Path) -> Path:
    """``path``, if a file may be there. Raises `InvalidInput` (field 'path') for a folder, or a missing folder."""
    try:
        target = Path(path)
        is_folder, is_placed = target.is_dir(), target.absolute().parent.is_dir()
    except TypeError:
        raise InvalidInput(f"must be the path of a file, not {type(path).__name__}", field="path") from None
    except OSError as error:
        raise InvalidInput(f"{str(path)[:80]!r} cannot be written: {error.strerror}", field="path") from None
    if is_folder:
        raise InvalidInput(f"{str(target)!r} is a folder; name a file in it", field="path")
    if not is_placed:
        raise InvalidInput(f"there is no folder {str(target.parent)!r}", field="path")
    return target


def write_whole(target: Path, data: bytes) -> None:
    """Write ``data`` beside ``target``, and put it in its place: nobody ever sees a part of it.

    A link stays one, and leads to it. What is no file, such as a pipe or ``/dev/stdout``, stays what it is, and the
    data go into it. Raises `InvalidInput` (field 'path') if it cannot be written; what was there stays then.
    """
    beside: Path | None = None
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        place = target.resolve()
        beside = place.with_name(f".{uuid4().hex}.part")
        beside.write_bytes(data)
        beside.replace(place)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidInput(f"{str(target)!r} cannot be written: {reason}", field="path") from None
    finally:
        if beside is not None:
            with suppress(OSError, ValueError):
                beside.unlink()


def size_of(size: int) -> str:
    """So many bytes, as people say it.

    >>> size_of(999), size_of(12_345), size_of(3_456_789)
    ('999 bytes', '12.3 kB', '3.5 MB')
    """
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
