"""Whether another version refuses what one that is watched, or the one beside it, has refused."""

from collections.abc import Callable

from functions.context import LoadedModel
from lepton_core.drift.sketch import counts_as_refused
from lepton_core.errors import LeptonError
from lepton_core.table.each_row import EachRow


def refuses(beside: LoadedModel, again: Callable[[LoadedModel], object]) -> bool:
    """Whether the version ``beside`` refuses the call that is asked ``again``, too, for whatever reason.

    Then it says nothing of either: what a caller does wrong is no fault of the version that it came to.
    """
    try:
        found = again(beside)
    except LeptonError as error:
        return error.status < LeptonError.status
    except Exception:  # noqa: BLE001  (nobody has asked for this answer)
        return False
    return isinstance(found, EachRow) and _is_refused(found)


def refuses_too(loaded: LoadedModel, each: EachRow, again: Callable[[LoadedModel], object]) -> bool:
    """Whether a call counts as refused for its unreadable rows by the version that is ``loaded``, and by the other."""
    if not _is_refused(each) or (beside := loaded.beside) is None:
        return False
    return refuses(beside, again)


def _is_refused(each: EachRow) -> bool:
    return counts_as_refused(0 if each.read is None else each.read.table.rows, len(each.errors))
