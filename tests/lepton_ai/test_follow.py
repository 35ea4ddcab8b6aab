"""Whose run is followed: an update may be one that came by itself, and that makes way for somebody else."""

from typing import TYPE_CHECKING, Any

import pytest

from lepton_ai import Conflict, Model

if TYPE_CHECKING:
    from tests.lepton_ai.conftest import FakePlatform


@pytest.fixture
def model(platform: "FakePlatform") -> Model:
    return Model("logistic_regression", "m", transport=platform)


def updating(
    platform: "FakePlatform", number: int, trigger: str, *, made_way: bool = True, **fields: Any
) -> dict[str, Any]:
    """An update that goes on; asked for once more, it is cancelled."""
    told = {"kind": "update", "outcome": {"trigger": trigger}, **fields}
    run = platform.run(id=f"run-{number}", **told)
    platform.on("GET", f"/v1/runs/run-{number}", {**run, "state": "cancelled", "made_way": made_way})
    return run


def test_an_update_that_joined_one_that_made_way_is_asked_for_again(
    model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = {"promoted": True, "reason": "better", "trigger": "asked for"}
    platform.on(
        "POST",
        "/v1/models/m/update",
        updating(platform, 1, "new data", by_itself=True),
        updating(platform, 2, "drift of a", by_itself=True),
        updating(platform, 3, "asked for", state="succeeded", version=3, outcome=outcome),
    )
    assert model.update().version == 3
    assert len(platform.bodies("POST", "/v1/models/m/update")) == 3
    said = capsys.readouterr().err
    assert "run-1 of m made way for another run; asking for the update again" in said


@pytest.mark.parametrize("said", [{"by_itself": True}, {"by_itself": False}, {}], ids=str)
def test_an_update_that_a_person_cancelled_is_not_asked_for_again(
    said: dict[str, bool], model: Model, platform: "FakePlatform"
) -> None:
    platform.on("POST", "/v1/models/m/update", updating(platform, 1, "new data", made_way=False, **said))
    with pytest.raises(Conflict, match=r"run run-1 \(update m\) is cancelled"):
        model.update()
    assert len(platform.bodies("POST", "/v1/models/m/update")) == 1


def test_a_joined_update_that_fails_raises_its_own_error(model: Model, platform: "FakePlatform") -> None:
    error = {"code": "conflict", "message": "the champion changed"}
    failed = platform.run(kind="update", state="failed", error=error, by_itself=True)
    platform.on("POST", "/v1/models/m/update", failed)
    platform.on("GET", "/v1/runs/run-1", failed)
    with pytest.raises(Conflict, match="the champion changed"):
        model.update()
    assert len(platform.bodies("POST", "/v1/models/m/update")) == 1


def test_an_update_is_asked_for_a_bounded_number_of_times(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", "/v1/models/m/update", updating(platform, 1, "new data", by_itself=True))
    with pytest.raises(Conflict, match="is cancelled"):
        model.update()
    assert 1 < len(platform.bodies("POST", "/v1/models/m/update")) < 100


@pytest.mark.parametrize(
    ("needed", "said"), [(0, ""), (99_000_000, ""), (120_400_000, "120 MB"), (2_340_000_000, "2.3 GB")]
)
def test_the_first_line_says_what_memory_a_training_needs_if_that_is_much(
    needed: int, said: str, model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    failed = {"state": "failed", "error": {"code": "conflict", "message": "the data changed"}}
    platform.on("POST", "/v1/models/m/update", platform.run(kind="update", needed_bytes=needed))
    platform.on("GET", "/v1/runs/run-1", platform.run(kind="update", **failed))
    with pytest.raises(Conflict, match="the data changed"):
        model.update()
    first = capsys.readouterr().err.partition("\n")[0]
    assert ("of memory" in first) == bool(said)
    if said:
        assert first == f"updating m needs about {said} of memory"


def test_of_several_fits_each_line_says_which_is_under_way(
    model: Model, platform: "FakePlatform", capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = "fit 1 of 5, without a fold each", "member 2 of 3"
    waiting = platform.run(kind="update", stage=first, iterations=0, loss=[0.5])
    platform.on("POST", "/v1/models/m/update", waiting)
    error = {"code": "conflict", "message": "the data changed"}
    platform.on(
        "GET",
        "/v1/runs/run-1",
        waiting,
        platform.run(kind="update", stage=first, iteration=10, iterations=50, loss=[0.5]),
        platform.run(kind="update", stage=second, iteration=1, iterations=20, loss=[0.5], trials=4, trial=4),
        platform.run(kind="update", state="failed", error=error, iterations=0),
    )
    with pytest.raises(Conflict, match="the data changed"):
        model.update()
    assert capsys.readouterr().err.splitlines() == [
        f"updating m, {first}",
        f"updating m, {first}: iteration 10 of 50",
        f"updating m, {second}: iteration 1 of 20",
    ]
