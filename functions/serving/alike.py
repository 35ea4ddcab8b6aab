"""Whether the version beside a canary, or the canary, refuses what the other one of both has refused."""

from collections.abc import Callable

from functions.context import LoadedModel
from lepton_core.errors import LeptonError


def refuses(beside: LoadedModel, again: Callable[[LoadedModel], object], code: str) -> bool:
    """Whether the call that is asked ``again`` gets the error ``code`` from the version ``beside``, too.

    Then it says nothing of either: an entity stays on its side, and what it does wrong is no fault of that version.
    """
    try:
        again(beside)
    except LeptonError as error:
        return error.code == code
    except Exception:  # noqa: BLE001  (nobody has asked for this answer)
        return False
    return False
