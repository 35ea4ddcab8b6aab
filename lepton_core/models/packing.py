"""A fit as named arrays and a JSON header, for a checkpoint."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.algorithm import Fit

FORMAT = 1
"""The format of a header that does not say one, as none of the first format does."""

_PREFIX = "fit."


def pack_fit(fit: Fit) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """``(arrays, meta)``: ``losses`` ``(iteration,)``, the fit's arrays of any shape; nothing is rounded.

    >>> arrays, meta = pack_fit(Fit(1, 2, np.array([0.5]), {"weights": np.zeros(3)}))
    >>> sorted(arrays), meta
    (['fit.weights', 'losses'], {'iteration': 1, 'iterations': 2, 'finished': False, 'note': ''})
    """
    arrays = {"losses": fit.losses, **{_PREFIX + name: array for name, array in fit.arrays.items()}}
    meta = {
        "iteration": fit.iteration,
        "iterations": fit.iterations,
        "finished": fit.finished,
        "note": fit.note,
    }
    return arrays, meta


def unpack_fit(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Fit:
    """The fit that was packed, in arrays of its own; ``losses`` is ``(iteration,)``, the others of any shape.

    Raises `InvalidArtifact` for what `pack_fit` did not write.

    >>> unpack_fit(*pack_fit(Fit(1, 2, np.array([0.5]), {"weights": np.zeros(3)}))).arrays["weights"].tolist()
    [0.0, 0.0, 0.0]
    """
    if meta.get("format", FORMAT) != FORMAT:
        raise InvalidArtifact(f"the checkpoint has format {meta['format']!r}; this release reads {FORMAT}")
    losses = arrays.get("losses")
    if losses is None or losses.dtype != np.float64 or losses.ndim != 1:
        raise InvalidArtifact("a checkpoint needs 'losses', float64 of one dimension", field="losses")
    for name, kind in (("iteration", int), ("iterations", int), ("finished", bool), ("note", str)):
        if type(meta.get(name)) is not kind:
            raise InvalidArtifact(f"a checkpoint's {name!r} must be of type {kind.__name__}", field=name)
    if not 0 <= meta["iteration"] <= meta["iterations"] or len(losses) != meta["iteration"]:
        raise InvalidArtifact("a checkpoint's iteration and losses do not agree", field="iteration")
    others = [name for name in arrays if name != "losses" and not name.startswith(_PREFIX)]
    if others:
        raise InvalidArtifact(f"a checkpoint has no array {others[0]!r}", field=others[0])
    # Copies: a view into a file's bytes may lie unaligned, and would keep the whole file in memory.
    own = {name.removeprefix(_PREFIX): array.copy() for name, array in arrays.items() if name != "losses"}
    return Fit(meta["iteration"], meta["iterations"], losses.copy(), own, meta["finished"], meta["note"])
