"""What `Model.train` sends of weights."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from lepton_ai import InvalidInput, Model

if TYPE_CHECKING:
    from tests.lepton_ai.conftest import FakePlatform

TRAIN = "/v1/models/m/train"


@pytest.fixture
def model(platform: "FakePlatform") -> Model:
    platform.on("POST", TRAIN, platform.run(iteration=7, state="succeeded", version=1))
    platform.on(
        "GET", "/v1/models/m/versions/1", {**platform.version(), "weight": "w", "class_weight": {"yes": 2}}
    )
    return Model("logistic_regression", "m", quiet=True, transport=platform)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("balanced", "balanced"),
        ({"yes": 2}, {"yes": 2}),
        ({0: 1, 1: np.float64(2.5)}, {"0": 1, "1": 2.5}),
        ({np.int64(3): 1, np.float64(4.0): 2, 0.5: 3, False: 4}, {"3": 1, "4": 2, "0.5": 3, "false": 4}),
    ],
)
def test_classes_are_named_as_the_platform_names_them(
    model: Model, platform: "FakePlatform", given: Any, sent: Any
) -> None:
    version = model.train(weight="w", class_weight=given, hidden=(4, 2))
    (body,) = platform.bodies("POST", TRAIN)
    assert (body["weight"], body["class_weight"]) == ("w", sent)
    assert body["hyperparameters"] == {"hidden": [4, 2]}
    assert (version.weight, version.class_weight) == ("w", {"yes": 2.0})


def test_what_is_not_given_is_not_sent(model: Model, platform: "FakePlatform") -> None:
    model.train()
    (body,) = platform.bodies("POST", TRAIN)
    assert not {"weight", "class_weight"} & set(body)


def test_a_weight_is_a_finite_number(model: Model, platform: "FakePlatform") -> None:
    for wrong in (float("nan"), float("inf"), object()):
        with pytest.raises(InvalidInput, match=r"^class_weight of yes must be a"):
            model.train(class_weight={"yes": wrong})  # type: ignore[dict-item]
    assert platform.bodies("POST", TRAIN) == []
