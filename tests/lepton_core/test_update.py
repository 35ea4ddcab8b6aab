"""When to train a model again."""

from datetime import UTC, datetime, timedelta

import pytest

from lepton_core.update import reason_to_update

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trained_on", "newest", "alerts", "said"),
    [
        (1, 1, {}, None),
        (1, 2, {}, "data version 2 is newer than version 1"),
        (2, 1, {}, None),
        (1, 1, {"feature:a": -1}, None),
        (1, 1, {"feature:a": 0}, None),
        (1, 1, {"feature:a": 1}, "alert 'feature:a'"),
        (1, 1, {"feature:b": 2, "feature:a": 1}, "alert 'feature:a'"),
        (1, 1, {"feature:b": 2, "feature:a": -1}, "alert 'feature:b'"),
        (1, 2, {"feature:a": 1}, "data version 2"),
    ],
)
def test_new_data_or_an_unanswered_alert_is_a_reason(
    trained_on: int, newest: int, alerts: dict[str, int], said: str | None
) -> None:
    reason = reason_to_update(
        trained_on=trained_on,
        newest_data=newest,
        trained_at=NOON,
        alerts={name: NOON + timedelta(hours=hours) for name, hours in alerts.items()},
    )
    assert reason is None if said is None else said in str(reason)
