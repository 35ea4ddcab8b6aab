"""Whether arrays can be a support vector machine's, before any of them is used."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.kernel.arrays import KERNEL_ARRAYS, outputs, pairs

_DEGREE = 10


def check_linear(parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
    """``weights`` ``(n,)`` or ``(K, n)``, ``intercept`` ``(1,)`` or ``(K,)``; of classes ``slope`` and ``offset`` too.

    Raises `InvalidArtifact` for anything else.

    >>> check_linear({"weights": np.zeros(3), "intercept": np.zeros(1)}, 3, 0)
    """
    k = outputs(n_classes)
    wanted: dict[str, tuple[int, ...]] = {
        "weights": (n_features,) if k == 1 else (k, n_features),
        "intercept": (k,),
    }
    _check(parameters, wanted | _sigmoid(n_classes), {})


def check_kernel(parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
    """Raises `InvalidArtifact` for arrays of any shape but those of `lepton_core.models.kernel.arrays`.

    >>> from lepton_core.models.kernel.arrays import constant, form
    >>> check_kernel(constant(2, 0, 0.5) | {"form": form("rbf", 1.0, 0.0, 3)}, 2, 0)
    """
    support = parameters.get("support")
    if support is None or support.ndim != 2:
        raise InvalidArtifact(f"svm has weights or {', '.join(KERNEL_ARRAYS)}, not {sorted(parameters)}")
    count = len(support)
    wanted: dict[str, tuple[int, ...]] = {
        "support": (count, n_features),
        "counts": (n_classes or 1,),
        "coefficients": (max(1, n_classes - 1), count),
        "intercept": (pairs(n_classes),),
        "form": (4,),
    }
    _check(parameters, wanted | _sigmoid(n_classes), {"counts": np.int64})
    counts = parameters["counts"]
    # Each at most S before they are added, so that no sum overflows.
    inside = bool(((counts >= 0) & (counts <= count)).all())
    if not inside or int(counts.sum()) != count:
        raise InvalidArtifact("counts must be of the support vectors", field="counts")
    kind, gamma, _, degree = parameters["form"].tolist()
    if kind not in (0.0, 1.0) or gamma <= 0.0 or degree not in range(1, _DEGREE + 1):
        raise InvalidArtifact("form must be that of a kernel", field="form")


def _sigmoid(n_classes: int) -> dict[str, tuple[int, ...]]:
    if n_classes == 1:
        raise InvalidArtifact("svm cannot have 1 classes")
    return dict.fromkeys(("slope", "offset"), (outputs(n_classes),)) if n_classes else {}


def _check(
    parameters: Mapping[str, NDArray[Any]],
    wanted: Mapping[str, tuple[int, ...]],
    types: Mapping[str, type[np.generic]],
) -> None:
    if set(parameters) != set(wanted):
        raise InvalidArtifact(f"svm has {', '.join(sorted(wanted))}, not {', '.join(sorted(parameters))}")
    for name, shape in wanted.items():
        array, kind = parameters[name], np.dtype(types.get(name, np.float64))
        if array.dtype != kind or array.shape != shape:
            raise InvalidArtifact(
                f"{name} must be {kind} of shape {shape}, not {array.dtype} of {array.shape}", field=name
            )
        if not np.isfinite(array).all():
            raise InvalidArtifact(f"{name} holds a value that is not finite", field=name)
    if "slope" in wanted and (parameters["slope"] < 0.0).any():
        raise InvalidArtifact("slope must not be negative", field="slope")
