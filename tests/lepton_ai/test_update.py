"""An update through the SDK: the decision, and what is said where there was nothing to decide."""

from typing import TYPE_CHECKING

import pytest

from lepton_ai import Model

if TYPE_CHECKING:
    from tests.lepton_ai.conftest import FakePlatform

REASON = "held-out loss 0.3 is not worse than the champion's 0.4"
DONE = {"kind": "update", "state": "succeeded", "version": 2}


def answered(
    platform: "FakePlatform", capsys: pytest.CaptureFixture[str], **fields: object
) -> tuple[str, str]:
    """What the update is in words, and what was said on stderr."""
    promoted, trigger = fields.pop("promoted", True), fields.pop("trigger", "asked for")
    outcome = {"promoted": promoted, "reason": REASON, "trigger": trigger}
    platform.on("POST", "/v1/models/m/update", platform.run(**DONE, outcome=outcome, **fields))
    platform.on("GET", "/v1/models/m/versions/2", {**platform.version(2), "dataset_version": 3})
    update = Model("logistic_regression", "m", transport=platform).update()
    return str(update), capsys.readouterr().err


def test_an_update_says_what_was_decided(
    platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    said, err = answered(platform, capsys)
    assert said == f"m version 2 promoted and deployed: {REASON}"
    assert err.startswith("updating m: ") and err.endswith(f"{said}\n")


def test_an_update_has_the_numbers_of_its_verdict(platform: "FakePlatform") -> None:
    numbers = {"margin": 0.02, "comparison": {"low": -0.01, "high": 0.03}}
    outcome = {"promoted": True, "reason": REASON, **numbers}
    platform.on("POST", "/v1/models/m/update", platform.run(**DONE, outcome=outcome))
    update = Model("logistic_regression", "m", transport=platform).update()
    assert (update.margin, update.comparison) == (0.02, {"low": -0.01, "high": 0.03})


def test_an_update_on_data_that_was_held_says_so(
    platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    held = "data version 4 was held (flipped_labels), trained on because update was called"
    said, err = answered(platform, capsys, trigger=f"asked for, though {held}")
    assert said == f"m version 2 promoted and deployed: {REASON}; {held}"
    assert err.endswith(f"{said}\n")


def test_an_update_with_nothing_new_says_so_and_shows_no_training(
    platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    said, err = answered(platform, capsys, nothing_new=True)
    assert said == "m: nothing new since version 2 (data set version 3)"
    assert err == f"{said}\n"


def test_it_also_says_what_became_of_an_update_that_nobody_asked_for_or_that_was_not_promoted(
    platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    since = "m: nothing new since version 2 (data set version 3)"
    by_itself, _ = answered(platform, capsys, nothing_new=True, by_itself=True)
    assert by_itself == f"{since}; version 2 promoted and deployed by itself: {REASON}"
    refused, _ = answered(platform, capsys, nothing_new=True, promoted=False)
    assert refused == f"{since}, which was not promoted: {REASON}"
