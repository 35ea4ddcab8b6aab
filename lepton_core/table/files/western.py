"""Whether a text in Western letters is of an old Mac, or of DOS, and not of Windows: by the letters within its words.

Excel saves such files as "CSV (Macintosh)" and "CSV (MS-DOS)". Their letters beyond ASCII lie where Windows-1252 has
signs, or capitals, which stand in no word.
"""

import re

_WORDS = re.compile(rb"(?<![A-Za-z])[A-Za-z][a-z]*(?:[\x80-\xff]{1,2}[a-z]+)+")
_WITHIN = re.compile(rb"[\x80-\xff]")
_USUAL = frozenset("àáâãäåæçèéêëìíîïñòóôõöøœùúûüÿß")
_SIGNS = frozenset("’–-ªº")
"""What stands in words of Windows-1252 beside letters."""

_NAMES = ("mac_roman", "cp850")
_DISTINCT = 2
"""Of fewer different bytes nothing is told."""

_FEW, _MOST = 0.5, 0.9
_CLEARLY = 1.15
"""By how much the other one of the two must have fewer letters."""


def western(sample: bytes) -> str | None:
    """``mac_roman`` or ``cp850`` if the bytes within the words of a ``sample`` are letters there alone; None in doubt.

    A text in cp437, the DOS of America, has its letters where cp850 has them. Only bytes with a letter of ASCII on both
    sides are looked at, each different word once; what begins a word may be a quote.

    >>> western("Köln,München,Düsseldorf,Straße".encode("mac_roman"))
    'mac_roman'
    >>> western("Köln,München,Düsseldorf,Straße".encode("cp850"))
    'cp850'
    >>> western("Köln,München,Düsseldorf,Straße,don’t".encode("cp1252"))
    """
    found = [byte for word in set(_WORDS.findall(sample)) for byte in _WITHIN.findall(word)]
    if len(set(found)) < _DISTINCT or _share(found, "cp1252", _USUAL | _SIGNS) > _FEW:
        return None
    shares = {name: _share(found, name, _USUAL) for name in _NAMES}
    best, other = sorted(shares, key=shares.__getitem__, reverse=True)
    return best if shares[best] >= _MOST and shares[best] >= _CLEARLY * shares[other] else None


def _share(found: list[bytes], name: str, usual: frozenset[str]) -> float:
    return sum(byte.decode(name, "replace") in usual for byte in found) / len(found)
