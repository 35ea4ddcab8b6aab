"""What the compiled functions give and take. A build runs this file by itself, so it imports nothing of ours."""

from collections.abc import Iterable
from hashlib import sha256

_CELLS = "bytes int32* int32* int64"
"""The text of a block; where its cells start and end; how many there are."""

SIGNATURES = {
    "lepton_split": "int64: bytes int64 int64 uint8 int32 int64 int64 int32* int32* uint8* int64*",
    "lepton_lines": "int64: bytes int64 int64",
    "lepton_strip": f"int64: {_CELLS} int32* int32*",
    "lepton_numbers": f"int64: {_CELLS} uint8 double* uint8*",
    "lepton_dates": f"void: {_CELLS} double*",
    "lepton_codes": f"int64: {_CELLS} uint64 int32* uint64 uint64* int64* int64 uint8* int64 int64* int32*",
    "lepton_place": "void: uint64* int64 int32* uint64",
    "lepton_absent": f"int64: {_CELLS} uint64* int64 uint8*",
    "lepton_join": f"void: {_CELLS} uint8* uint8* uint8 uint8* int64*",
    "lepton_word_hashes": "int64: uint8* int64* int64 int64 uint64*",
    "lepton_word_counts": "int64: uint8* int64* int64 uint64* uint8* uint64 uint8 int64* int64* double*",
    "lepton_least_numbers": "int64: uint8* int64* int64 int64 uint32* int64* int64 int64*",
    "lepton_number_hashes": "void: double* int64 uint64*",
    "lepton_scramble": "void: uint64* int64",
    "lepton_mix": "void: uint64* uint64* int64",
    "lepton_sources": "uint64:",
    "lepton_interface": "uint64:",
}
"""Of each function its result, and behind the colon its arguments; a star stands for the first of several."""


def interface(flags: Iterable[str]) -> int:
    """A number of 64 bits that tells the signatures, and the compiler's ``flags``, but for those that only warn.

    >>> interface(["-O3", "-Wall"]) == interface(["-O3"]), interface(["-O3"]) == interface(["-O0"])
    (True, False)
    """
    code = [flag for flag in flags if not flag.startswith("-W")]
    return int(sha256(repr((sorted(SIGNATURES.items()), code)).encode()).hexdigest()[:16], 16)
