"""The error for what a version of ours cannot hold: which object, why, and what to do."""

from typing import Any

from lepton_core.errors import InvalidInput


def refuse(estimator: Any, why: str, remedy: str) -> InvalidInput:
    """The error (field 'estimator') that names the class of ``estimator``.

    >>> print(refuse(3, "is a number", "hand over a model"))
    int is a number, which a version cannot hold; hand over a model
    """
    return InvalidInput(
        f"{type(estimator).__name__} {why}, which a version cannot hold; {remedy}", field="estimator"
    )
