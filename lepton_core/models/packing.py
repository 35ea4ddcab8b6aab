"""A fit as named arrays and a JSON header, for a checkpoint."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.algorithm import Array, Fit

FORMAT = 1
"""The format of a header that does not say one, as a header of the first format does not."""

_PREFIX = "fit."


def pack_fit(fit: Fit, since: int = 0) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """``(arrays, meta)``: ``losses`` ``(k,)`` and the fit's arrays of any shape; nothing is rounded.

    The losses are those that the fit has after the first ``since`` iterations, and at least the latest, which going on
    needs. A caller that keeps the earlier ones elsewhere writes a curve once, and not once a checkpoint.

    >>> fit = Fit(2, 3, np.array([0.5, 0.4]), {"weights": np.zeros(3)})
    >>> arrays, meta = pack_fit(fit, since=2)
    >>> sorted(arrays), arrays["losses"].tolist(), meta
    (['fit.weights', 'losses'], [0.4], {'iteration': 2, 'iterations': 3, 'finished': False, 'note': ''})
    """
    first = min(max(since, fit.before), max(fit.iteration - 1, fit.before))
    arrays = {_PREFIX + name: array for name, array in fit.arrays.items()}
    meta = {
        "iteration": fit.iteration,
        "iterations": fit.iterations,
        "finished": fit.finished,
        "note": fit.note,
    }
    return {"losses": fit.losses_since(first), **arrays}, meta


def unpack_fit(
    arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any], curve: Array | None = None
) -> Fit:
    """The fit that was packed, in arrays of its own; ``losses`` ``(k,)``, the others of any shape.

    With ``curve``, the losses from the first iteration on as they were kept elsewhere, ``losses`` is ``(iteration,)``;
    what the curve has beyond the checkpoint's first loss does not count. Raises `InvalidArtifact` for what `pack_fit`
    did not write, and for a curve that ends too soon.

    >>> packed = pack_fit(Fit(2, 3, np.array([0.5, 0.4]), {"weights": np.zeros(3)}), since=2)
    >>> unpack_fit(*packed).losses.tolist(), unpack_fit(*packed, np.array([0.5])).losses.tolist()
    ([0.4], [0.5, 0.4])
    """
    if meta.get("format", FORMAT) != FORMAT:
        raise InvalidArtifact(f"the checkpoint has format {meta['format']!r}; this release reads {FORMAT}")
    losses = arrays.get("losses")
    if losses is None or losses.dtype != np.float64 or losses.ndim != 1:
        raise InvalidArtifact("a checkpoint needs 'losses', float64 of one dimension", field="losses")
    for name, kind in (("iteration", int), ("iterations", int), ("finished", bool), ("note", str)):
        if type(meta.get(name)) is not kind:
            raise InvalidArtifact(f"a checkpoint's {name!r} must be of type {kind.__name__}", field=name)
    iteration = meta["iteration"]
    if not min(iteration, 1) <= len(losses) <= iteration <= meta["iterations"]:
        raise InvalidArtifact("a checkpoint's iteration and losses do not agree", field="iteration")
    others = [name for name in arrays if name != "losses" and not name.startswith(_PREFIX)]
    if others:
        raise InvalidArtifact(f"a checkpoint has no array {others[0]!r}", field=others[0])
    if curve is not None:
        losses = _joined(curve, losses, iteration - len(losses))
    # Copies: a view into a file's bytes may lie unaligned, and would keep the whole file in memory.
    own = {name.removeprefix(_PREFIX): array.copy() for name, array in arrays.items() if name != "losses"}
    return Fit(iteration, meta["iterations"], losses.copy(), own, meta["finished"], meta["note"])


def _joined(curve: Array, losses: Array, before: int) -> Array:
    if curve.dtype != np.float64 or curve.ndim != 1 or len(curve) < before:
        raise InvalidArtifact(
            f"the curve of the losses must be float64 of at least {before} iterations", field="curve"
        )
    return np.concatenate([curve[:before], losses])
