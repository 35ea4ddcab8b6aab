"""Support vector machines with a kernel, trained by scikit-learn (libsvm) and turned into arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.losses import Array
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.models.kernel.arrays import Arrays, constant, form, widened
from lepton_core.models.kernel.hyper import SvmHyper
from lepton_core.models.learners.one_thread import one_thread

MOST_NUMBERS = 1 << 25
"""The support vectors of a model are at most so many numbers, 256 MiB."""

_CACHE_MB = 200


def train_kernel(X: Array, y: NDArray[Any], weights: Array, n_classes: int, hyper: SvmHyper) -> Arrays:
    """The arrays of `lepton_core.models.kernel.arrays`, without a sigmoid.

    ``X`` is ``(m, n)``, ``y`` and ``weights`` are ``(m,)``, ``hyper`` is settled. Raises `InvalidInput` if
    scikit-learn is not installed, and `InvalidData` if numbers become too large or the support vectors are too many
    to be kept.
    """
    shape = form(hyper.kernel, hyper.gamma or 1.0, hyper.coef0, hyper.degree)
    present = np.unique(y) if n_classes else np.zeros(0, np.int64)
    if len(present) == 1:
        return constant(X.shape[1], n_classes, int(present[0])) | {"form": shape}
    made = _fitted(X, y, weights, n_classes, hyper)
    support = np.asarray(made.support_vectors_, dtype=np.float64)
    if support.size > MOST_NUMBERS:
        raise InvalidData(
            f"{len(support)} support vectors of {X.shape[1]} features are more than a model can hold; train on fewer "
            "rows, or with kernel='linear'"
        )
    arrays: Arrays = {
        "support": support.copy(),
        "counts": made.n_support_.astype(np.int64) if n_classes else np.array([len(support)]),
        "coefficients": np.array(made.dual_coef_, dtype=np.float64),
        "intercept": np.array(made.intercept_, dtype=np.float64),
    }
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise InvalidData("the features are too large to train on; add Normalize to the preprocessor")
    return (widened(arrays, present, n_classes) if n_classes else arrays) | {"form": shape}


def _fitted(X: Array, y: NDArray[Any], weights: Array, n_classes: int, hyper: SvmHyper) -> Any:
    try:
        from sklearn.svm import SVC, SVR  # noqa: PLC0415  (large, and needed for training only)
    except ImportError:
        raise InvalidInput(
            f"svm with kernel={hyper.kernel!r} needs scikit-learn to train: pip install scikit-learn",
            field="algorithm",
        ) from None
    options = {
        "kernel": hyper.kernel,
        "C": hyper.C,
        "gamma": hyper.gamma,
        "degree": hyper.degree,
        "coef0": hyper.coef0,
        "tol": 1e-3 if hyper.tolerance is None else max(hyper.tolerance, 1e-12),
        "cache_size": _CACHE_MB,
    }
    made = SVC(**options) if n_classes else SVR(**options, epsilon=hyper.epsilon)
    try:
        with one_thread():  # anew: loading scikit-learn has brought scipy's BLAS along
            return made.fit(X, y, sample_weight=weights)
    except ValueError:  # libsvm's numbers ended
        raise InvalidData(
            "the kernel's values are too large to train on; add Normalize to the preprocessor, or take smaller "
            "gamma, coef0 or degree"
        ) from None
