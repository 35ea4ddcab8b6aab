"""Troubles that last are said once, and not at every look."""

import logging
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from lepton_core.errors import Damaged, LeptonError

MOST_TROUBLES = 10_000
LONGEST_PAUSE = timedelta(minutes=5)


def cause_of(error: Exception) -> str:
    """The cause in words: the same text for the same cause.

    >>> cause_of(PermissionError(13, "Permission denied", "/data/a.csv"))
    'Permission denied'
    """
    if isinstance(error, LeptonError):
        return error.message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"


def complain(logger: logging.Logger, error: Exception, text: str) -> None:
    """Log ``text`` with the cause: one line for what the world did, with the traceback for what may be our fault."""
    if isinstance(error, LeptonError | OSError):
        logger.warning("%s: %s", text, cause_of(error))
    else:
        logger.error("%s", text, exc_info=error)


@dataclass
class Complaints:
    """Says a thing once, and again only when it had gone meanwhile."""

    logger: logging.Logger
    _told: set[Hashable] = field(default_factory=set)
    _now: set[Hashable] = field(default_factory=set)

    def tell(self, about: Hashable, text: str) -> None:
        """Log ``text``, unless ``about`` was told in the last round too."""
        if about not in self._told and about not in self._now:
            self.logger.warning("%s", text)
        self._now.add(about)

    def end_of_round(self) -> None:
        """Let everything that was not told since the last call be told anew."""
        self._told, self._now = self._now, set()


@dataclass(frozen=True)
class _Trouble:
    cause: str
    failures: int
    since: datetime

    def is_over(self, now: datetime) -> bool:
        pause = min(LONGEST_PAUSE, timedelta(seconds=2.0 ** min(self.failures, 10)))
        return abs(now - self.since) >= pause  # a clock that was set back holds nothing up


class Troubles:
    """The troubles that one process met: each cause is said once, and each thing is tried again ever more slowly.

    >>> troubles, noon = Troubles(logging.getLogger("example")), datetime(2030, 1, 1, 12)
    >>> troubles.met("a file", ValueError("no"), noon)
    >>> troubles.may_try("a file", noon), troubles.may_try("a file", noon + timedelta(seconds=2))
    (False, True)
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._lock = Lock()
        self._known: OrderedDict[Hashable, _Trouble] = OrderedDict()

    def may_try(self, about: Hashable, now: datetime) -> bool:
        """Whether ``about`` has met no trouble, or not lately: the pause is 2 s, 4 s and so on to `LONGEST_PAUSE`."""
        trouble = self._known.get(about)
        return trouble is None or trouble.is_over(now)

    def met(self, about: Hashable, error: Exception, now: datetime) -> None:
        """``about`` failed by ``error``; it is logged unless something is known to fail for the same cause."""
        cause = cause_of(error)
        with self._lock:
            before = self._known.pop(about, None)
            is_news = all(cause != other.cause for other in (before, *self._known.values()) if other)
            failures = 1 if before is None else before.failures + 1
            self._known[about] = _Trouble(cause, failures, now)
            if len(self._known) > MOST_TROUBLES:
                self._known.popitem(last=False)
        if is_news:
            complain(self._logger, error, f"{about} failed and is tried again, ever more slowly")

    def over(self, about: Hashable) -> None:
        """``about`` went well."""
        with self._lock:
            self._known.pop(about, None)

    def pass_over(self, error: Damaged) -> None:
        """Say once that a damaged record is passed over."""
        with self._lock:
            is_news = self._known.pop(error.message, None) is None
            self._known[error.message] = _Trouble(error.message, 1, datetime.min)
        if is_news:
            self._logger.error("%s; it is passed over", error.message)
