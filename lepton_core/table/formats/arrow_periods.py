"""Periods of pandas in Parquet and Arrow files, which hold them as whole numbers, as the texts that pandas shows."""

import json
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData

_NAME = "pandas.period"
_FREQUENCY = re.compile(r"\d*([A-Za-z]+)(?:-([A-Z]{3}))?")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_UNITS: dict[str, tuple[str, Any]] = {
    "M": ("M", "M"), "D": ("D", "D"), "h": ("h", "m"), "H": ("h", "m"), "min": ("m", "m"), "T": ("m", "m"),
    "s": ("s", "s"), "S": ("s", "s"), "ms": ("ms", "ms"), "L": ("ms", "ms"), "us": ("us", "us"), "U": ("us", "us"),
    "ns": ("ns", "ns"), "N": ("ns", "ns"),
}  # fmt: skip
"""Of the frequencies that numpy counts: in which unit, and down to which one the text says it."""

_PER_YEAR = {
    "Y": 1, "A": 1, "Q": 4, "M": 12, "W": 53, "D": 366, "h": 8_784, "H": 8_784, "min": 527_040, "T": 527_040,
    "s": 31_622_400, "S": 31_622_400, "ms": 31_622_400_000, "L": 31_622_400_000,
}  # fmt: skip
_MOST_YEARS = 7_900
"""So many years from 1970 on the years are still known. What is not in the table hardly reaches so far."""


def period_frequency(field: Any) -> str | None:
    """How long the periods of a column are, as pandas says it ("M", "Q-DEC"); None for a column of other cells."""
    told = field.metadata or {}
    if getattr(field.type, "extension_name", "") == _NAME:
        return str(getattr(field.type, "freq", ""))
    if told.get(b"ARROW:extension:name") != _NAME.encode():
        return None
    try:
        return str(json.loads(told.get(b"ARROW:extension:metadata", b""))["freq"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def period_texts(chunks: list[Any], frequency: str, name: str) -> list[str | None]:
    """The periods in these pieces (m in all) as texts: "2024-05", "2024Q2", "2024-05-06/2024-05-12".

    Raises `InvalidData` naming the column for a frequency that is not known here, and beyond the years that are.
    """
    found = _FREQUENCY.fullmatch(frequency)
    base, end = (found.group(1), found.group(2) or "") if found else ("", "")
    if base not in ("Y", "A", "Q", "W") and base not in _UNITS:
        raise InvalidData(
            f"its cells are periods of the frequency {frequency[:20]!r}, which are not taken; write texts into the "
            f"file: frame[{name!r}].astype(str)",
            column=name,
        )
    texts: list[str | None] = []
    for chunk in chunks:
        whole = getattr(chunk, "storage", chunk)
        ordinals = whole.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        if base in _PER_YEAR and (np.abs(ordinals // _PER_YEAR[base]) > _MOST_YEARS).any():
            raise InvalidData("a period is beyond the years that are known", column=name)
        gone = whole.is_null().to_numpy(zero_copy_only=False)
        written = _texts(ordinals, base, end)
        texts += [None if is_gone else text for text, is_gone in zip(written, gone.tolist(), strict=True)]
    return texts


def _texts(ordinals: npt.NDArray[np.int64], base: str, end: str) -> list[str]:
    if base in ("Y", "A"):
        return [str(1970 + year) for year in ordinals.tolist()]
    if base == "Q":
        return [f"{1970 + quarter // 4}Q{quarter % 4 + 1}" for quarter in ordinals.tolist()]
    if base == "W":
        days = 7 * ordinals - 4 + (_DAYS.index(end) if end in _DAYS else 0)
        first, last = (
            np.datetime_as_string((days - back).astype("datetime64[D]")).tolist() for back in (6, 0)
        )
        return [f"{monday}/{sunday}" for monday, sunday in zip(first, last, strict=True)]
    unit, down_to = _UNITS[base]
    shown = np.datetime_as_string(ordinals.astype(f"datetime64[{unit}]"), unit=down_to).tolist()
    return [text.replace("T", " ") for text in shown]
