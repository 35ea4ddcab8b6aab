"""Where a platform that stays up says what it does: stderr, a line an event."""

import logging
import sys

LINE_FORMAT = "%(asctime)s %(levelname)s %(message)s"


def log_to_stderr() -> None:
    """Runs that end, files that are taken in or rejected, alerts, and everything that goes wrong; once a process."""
    logger = logging.getLogger("lepton")
    if any(isinstance(handler, logging.StreamHandler) for handler in logger.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(LINE_FORMAT))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
