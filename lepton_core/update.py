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
    """Why the model should be trained again, or None.

    ``alerts`` maps each open alert to the time it opened; one that the newest version already knew is no reason.
    """
    if newest_data > trained_on:
        return (
            f"data version {newest_data} is newer than version {trained_on}, which the model was trained on"
        )
    unanswered = sorted(name for name, opened in alerts.items() if opened > trained_at)
    if unanswered:
        return f"alert {unanswered[0]!r} opened since the newest version was trained"
    return None
