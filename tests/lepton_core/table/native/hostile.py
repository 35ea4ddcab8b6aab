"""`python -m tests.lepton_core.table.native.hostile LIBRARY SEED ROUNDS`: hostile bytes through the compiled functions.

The library is one that watches its memory: it ends the process at the first byte that is not its own.
"""

import sys
from ctypes import CDLL
from pathlib import Path

import numpy as np

from lepton_core.preprocess.words import letters_of_ascii
from lepton_core.table.files.splitting import split_rows
from lepton_core.table.files.values import Dialect
from lepton_core.table.kinds.text_reader import TextReader
from lepton_core.table.native import hashes as compiled
from lepton_core.table.native import words
from lepton_core.table.native.codes import NativeCodes
from lepton_core.table.native.library import loaded, using
from lepton_core.table.native.words import Ints
from lepton_core.table.schema import ColumnSchema
from lepton_core.table.span_dates import dates_in
from lepton_core.table.span_numbers import span_numbers
from lepton_core.table.spans import PAD, Octets, Spans, TextBlock
from lepton_core.table.stripping import stripped
from lepton_core.table.word_hashing import word_hashes

ASCII = b'0123456789012345678.,,,,""\n\n\r+-:TZe \t'
SIGNS = (ASCII, ASCII + b"\xc3\xa9\xff")


def main() -> None:
    """The command line."""
    library = loaded(Path(sys.argv[1]))
    assert library is not None
    rng, rounds = np.random.default_rng(int(sys.argv[2])), int(sys.argv[3])
    codes = NativeCodes(library)
    with using(library):
        for _ in range(rounds):
            signs = np.frombuffer(SIGNS[rng.integers(2)], np.uint8)
            data = bytes(rng.choice(signs, rng.integers(0, 400)))
            width = int(rng.integers(2, 6))
            found = split_rows(data, Dialect(quote='"'), width, is_last=bool(rng.integers(2)))
            for cells in [] if found is None else found.rows.columns():
                read(cells, codes)
            # Places of every kind, also next to the ends of the block.
            raw = TextBlock(b" " * PAD + data + b" " * PAD)
            starts = rng.integers(PAD, PAD + len(data) + 1, 20)
            ends = np.minimum(starts + rng.integers(0, 40, 20), PAD + len(data))
            read(Spans(raw, starts, ends, doubled=rng.random(20) < 0.2), codes)
            offsets = np.sort(rng.integers(0, len(data) + 1, 10))
            hashes = word_hashes(np.frombuffer(data, np.uint8), np.array([0, *offsets, len(data)]))
            numbers = rng.normal(size=len(hashes))
            compiled.mix_into(library, hashes, compiled.number_hashes(library, numbers))
            compiled.scramble(library, hashes)
            read_words(library, np.frombuffer(data, np.uint8) & 127, np.array([0, *offsets, len(data)]), rng)
    sys.stdout.write(f"{rounds} rounds, {len(codes)} texts\n")


def read_words(library: CDLL, octets: Octets, offsets: Ints, rng: np.random.Generator) -> None:
    """The words of texts of ASCII."""
    for size in (64, 1000):
        words.word_counts(library, octets, offsets, letters_of_ascii(), size, pairs=bool(rng.integers(2)))
    known = np.sort(rng.integers(0, 1 << 32, rng.integers(1, 300), dtype=np.uint32))
    words.least_numbers(library, octets, offsets, int(rng.integers(1, 300)), (known, np.arange(len(known))))


def read(cells: Spans, codes: NativeCodes) -> None:
    """All that can be made of cells."""
    for some in (cells, stripped(cells)):
        span_numbers(some)
        span_numbers(some, ",")
        dates_in(some)
        codes.codes(Spans(some.block, some.starts, some.ends))
    reader = TextReader("text", ColumnSchema("t", "text", (), "", None))
    if cells.block.raw.isascii():
        reader.take(cells)
        reader.column()


if __name__ == "__main__":
    main()
