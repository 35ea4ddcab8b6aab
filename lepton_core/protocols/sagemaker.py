"""SageMaker runtime: ``POST /endpoints/NAME/invocations`` with JSON, or with CSV in trained order and without a header.

JSON is ``{"instances": [...]}`` or the platform's own ``{"rows": [...], "columns": [...]}``; the answer is the
platform's own. With ``Accept: text/csv`` it has a line a row: the value, or the label and the probability of each
class.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from lepton_core.errors import InvalidInput, LeptonError
from lepton_core.protocols import VERSION_HEADER, ForeignRequest, Message, ServedVersion, ToldOfRow
from lepton_core.protocols.decoding import (
    CSV,
    JSON,
    InRows,
    a_list,
    as_object,
    from_csv,
    from_json,
    media_type,
    names,
    said_of,
    sendable,
    to_json,
)
from lepton_core.table import ReadRows

_KEYS = ("instances", "rows", "columns")
_NOTES = ("ignored", "filled", "unknown", "assumed")
_TYPES = {401: "MissingAuthenticationToken", 403: "AccessDeniedException", 503: "ServiceUnavailable"}


@dataclass(frozen=True)
class _Asked(InRows):
    as_csv: bool = False

    def answer(self, told: Sequence[ToldOfRow], read: ReadRows) -> Message:
        """See `lepton_core.protocols.ForeignRequest`."""
        of = self.version
        headers = {VERSION_HEADER: of.header, "x-amzn-invoked-production-variant": str(of.number)}
        if self.as_csv:
            return Message(_lines(told), {"content-type": CSV, **headers})
        notes = {name: [asdict(one) for one in getattr(read, name)] for name in _NOTES if getattr(read, name)}
        predictions = [as_object(one) for one in told]
        body = {"model": of.model, "version": of.number, "predictions": predictions, **notes}
        return Message(to_json(body), {"content-type": JSON, **headers})


def decode(headers: Mapping[str, str], body: bytes, version: ServedVersion) -> ForeignRequest:
    """See `lepton_core.protocols.Wire`; raises `InvalidInput`."""
    as_csv = CSV in headers.get("accept", "").lower()
    check_variant(headers, version.number)
    if media_type(headers, (JSON, CSV)) == CSV:
        return _Asked(version, from_csv(body), as_csv=as_csv)
    given = from_json(body)
    for key in given:
        if key not in _KEYS:
            raise InvalidInput(
                f"{sendable(key, 64)!r} is no field of this call; there are: {', '.join(_KEYS)}"
            )
    if ("instances" in given) == ("rows" in given):
        raise InvalidInput("send the rows as 'instances', a list of objects or of lists")
    columns = given.get("columns")
    if columns is not None:
        columns = names(columns, "columns")
    field = "instances" if "instances" in given else "rows"
    return _Asked(version, a_list(given[field], field), columns, as_csv)


def check_variant(headers: Mapping[str, str], number: int) -> None:
    """Raise `InvalidInput` if the variant that a request names is another one than the version ``number``."""
    variant = headers.get("x-amzn-sagemaker-target-variant", str(number))
    if variant != str(number):
        raise InvalidInput(
            f"variant {variant[:64]!r} is not served; version {number} is", field="TargetVariant"
        )


def refused(error: LeptonError) -> Message:
    """See `lepton_core.protocols.Wire`."""
    kind = _TYPES.get(error.status, "InternalFailure" if error.status >= 500 else "ValidationError")
    headers = {"content-type": JSON, "x-amzn-errortype": kind}
    return Message(to_json({"message": said_of(error)}), headers, error.status)


def described(version: ServedVersion) -> Message:
    """See `lepton_core.protocols.Wire`: the runtime has no words for columns, so the schema is the core's own."""
    outputs = {"classes": list(version.classes)} if version.classes else {}
    return Message(to_json({"model": version.model, **version.schema.as_dict(), **outputs}))


def _lines(told: Sequence[ToldOfRow]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for one in told:
        writer.writerow(
            [one.value] if one.label is None else [one.label, *(one.probabilities or {}).values()]
        )
    return text.getvalue().encode()
