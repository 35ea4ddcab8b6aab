"""Whether another version refuses what one that is watched, or the one beside it, has refused."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from functions.context import LoadedModel
from lepton_core.drift.sketch import counts_as_refused
from lepton_core.errors import LeptonError, RowError

if TYPE_CHECKING:
    from lepton_core.table.each_row import EachRow


def refuses(beside: LoadedModel, again: Callable[[LoadedModel], object], code: str) -> bool:
    """Whether the call that is asked ``again`` gets the error ``code`` from the version ``beside``, too.

    Then it says nothing of either: what a caller does wrong is no fault of the version that it came to.
    """
    try:
        again(beside)
    except LeptonError as error:
        return error.code == code
    except Exception:  # noqa: BLE001  (nobody has asked for this answer)
        return False
    return False


def reads_no_more(
    loaded: LoadedModel,
    each: "EachRow",
    read_each: "Callable[[LoadedModel, Mapping[int, RowError]], EachRow]",
) -> bool:
    """Whether a call counts as refused for its unreadable rows by the version that is ``loaded``, and by the other."""
    if not _is_refused(each) or (beside := loaded.beside) is None:
        return False
    try:
        return _is_refused(read_each(beside, {}))
    except Exception:  # noqa: BLE001  (nobody has asked for this answer)
        return False


def _is_refused(each: "EachRow") -> bool:
    return counts_as_refused(0 if each.read is None else each.read.table.rows, len(each.errors))
