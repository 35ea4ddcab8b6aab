"""What cannot be helped is said once, and not at every look."""

import logging
from collections.abc import Hashable
from dataclasses import dataclass, field

from lepton_core.errors import LeptonError


def cause_of(error: Exception) -> str:
    """What is wrong, in words: the same text for the same cause.

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
        """What was not told since the last call may be told anew."""
        self._told, self._now = self._now, set()
