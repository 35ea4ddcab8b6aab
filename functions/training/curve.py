"""The loss curve of a long fit: chunks that are written once, beside a checkpoint that holds the latest losses only."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.context import Context
from functions.records.files import read_file, write_file
from functions.runs.record import POINTS, Run, file_key, thin
from functions.runs.task import Chunk
from functions.storage import Workspace
from lepton_core.models import Fit

FEWEST_LOSSES = 1_000
"""Losses of one chunk, at least."""

MOST_CHUNKS = 200
"""Of a whole curve, about: each is named in the fit's record."""

_POINTS_OF_CHUNK = 4


def size_of_chunk(iterations: int) -> int:
    """Losses of one chunk: a checkpoint holds fewer than these, so that a slice writes no more in a longer fit.

    >>> [size_of_chunk(iterations) for iterations in (10, 10_000, 10_000_000)]
    [1000, 1000, 50000]
    """
    return max(FEWEST_LOSSES, -(-iterations // MOST_CHUNKS))


def in_chunks(chunks: Sequence[Chunk]) -> int:
    """How many losses, from the first one on, are in the chunks."""
    return sum(chunk.losses for chunk in chunks)


def write_chunks(
    context: Context, store: Workspace, run: Run, fit: Fit, before: Sequence[Chunk], size: int
) -> list[Chunk]:
    """The chunks of a curve after a slice: those there were, and one for each ``size`` losses that came since.

    A finished fit gets no further one: it is not to go on.
    """
    chunks = list(before)
    while not fit.finished and fit.iteration - in_chunks(chunks) >= size:
        losses = fit.losses_since(in_chunks(chunks))[:size]
        file = write_file(store, file_key(context, store, run, "curve"), losses.astype("<f8").tobytes())
        chunks.append(Chunk(file, size, thin(losses.tolist(), _POINTS_OF_CHUNK)))
    return chunks


def read_chunks(store: Workspace, run: Run, chunks: Sequence[Chunk]) -> NDArray[np.float64]:
    """The losses of all ``chunks``, one after the other. Raises `Damaged`."""
    what = f"the loss curve of run {run.id!r}"
    read = [np.frombuffer(read_file(store, chunk.file, what), dtype="<f8") for chunk in chunks]
    return np.concatenate([np.empty(0), *read])


def shown_losses(store: Workspace, run: Run, fit: Fit, chunks: Sequence[Chunk]) -> list[float]:
    """The curve in at most `POINTS` points; of a fit that is not finished, the older ones are spread more thinly."""
    latest = fit.losses_since(in_chunks(chunks)).tolist()
    if fit.finished:
        return thin([*read_chunks(store, run, chunks).tolist(), *latest])
    return thin([*(loss for chunk in chunks for loss in chunk.shown), *thin(latest, POINTS)])
