"""When to train a model again."""

from collections.abc import Mapping
from datetime import datetime


def reason_to_update(
    *,
    trained_on: int,
    newest_data: int,
    trained_at: datetime,
    alerts: Mapping[str, datetime],
) -> str | None:
    """Why the model should be trained again, or None: without newer data there is nothing new to learn.

    ``trained_on`` 0: it was imported, and none of these data made it. ``alerts`` maps each open alert to the time it
    opened, see `unanswered`.
    """
    if newest_data <= trained_on:
        return None
    newer = f"data version {newest_data} is newer than version {trained_on}, which the model was trained on"
    if trained_on == 0:
        newer = f"data version {newest_data} is there, and the model was trained elsewhere"
    alert = unanswered(trained_at, alerts)
    return newer if alert is None else f"{newer}, and alert {alert!r} opened since"


def unanswered(trained_at: datetime, alerts: Mapping[str, datetime]) -> str | None:
    """The first of the open ``alerts``, by name, that opened since the newest version was trained.

    >>> noon, one = datetime(2030, 1, 1, 12), datetime(2030, 1, 1, 13)
    >>> unanswered(noon, {"feature:a": noon, "prediction": one})
    'prediction'
    """
    return min((name for name, opened in alerts.items() if opened > trained_at), default=None)
