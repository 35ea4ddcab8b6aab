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
        (1, 1, {"feature:a": 1}, None),
        (2, 1, {"feature:a": 1}, None),
        (1, 2, {"feature:a": 0}, "which the model was trained on"),
        (1, 2, {"feature:b": 2, "feature:a": 1}, "data version 2 is newer than version 1"),
        (1, 2, {"feature:b": 2, "feature:a": 1}, "and alert 'feature:a' opened since"),
        (1, 2, {"feature:b": 2, "feature:a": -1}, "and alert 'feature:b' opened since"),
    ],
)
def test_new_data_is_a_reason_and_an_unanswered_alert_is_said_with_it(
    trained_on: int, newest: int, alerts: dict[str, int], said: str | None
) -> None:
    reason = reason_to_update(
        trained_on=trained_on,
        newest_data=newest,
        trained_at=NOON,
        alerts={name: NOON + timedelta(hours=hours) for name, hours in alerts.items()},
    )
    assert reason is None if said is None else said in str(reason)
