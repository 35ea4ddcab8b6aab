"""An operator sets each time and limit by a variable of the environment."""

from dataclasses import asdict, fields
from pathlib import Path

import pytest

from functions.settings import LEAST, Settings, set_by
from infra.local.stack import open_embedded
from lepton_core.errors import InvalidInput


def test_each_setting_has_a_variable() -> None:
    wanted = {one.name: 7 for one in fields(Settings)}
    environment = {f"LEPTON_{name.upper()}": str(value) for name, value in wanted.items()}
    assert asdict(set_by(environment, Settings())) == wanted


def test_what_is_not_set_stays() -> None:
    assert set_by({"LEPTON_URL": "http://127.0.0.1:1", "PATH": ""}, Settings(attempts=3)) == Settings(
        attempts=3
    )


@pytest.mark.parametrize("text", ["", "many", "-1", "nan", "inf", "1e999", "0x10"])
def test_what_is_no_number_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_by({"LEPTON_MOST_RUNS": text}, Settings())
    assert refused.value.field == "LEPTON_MOST_RUNS"
    assert refused.value.message == (
        f"LEPTON_MOST_RUNS must be a whole number from 1 to 1000000000000, not {text!r}"
    )


@pytest.mark.parametrize("name", [one.name for one in fields(Settings)])
def test_a_value_out_of_range_is_refused_by_its_name(name: str) -> None:
    variable = f"LEPTON_{name.upper()}"
    least = LEAST.get(name, 0)
    assert getattr(set_by({variable: str(least)}, Settings()), name) == least
    for value in (least - 1, least / 2 if least else -0.001, 10**13):
        with pytest.raises(InvalidInput, match=f"^{variable} must be a .*number from ") as refused:
            set_by({variable: str(value)}, Settings())
        assert refused.value.field == variable


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("LEPTON_MOST_RUN", "LEPTON_MOST_RUNS"),
        ("LEPTON_ATTEMPT", "LEPTON_ATTEMPTS"),
        ("LEPTON_LEASE_SECS", "LEPTON_LEASE_SECONDS"),
        ("LEPTON_MAX_UPLOADS_BYTES", "LEPTON_MAX_UPLOAD_BYTES"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_one_that_was_meant(variable: str, meant: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_by({variable: "3"}, Settings())
    assert refused.value.field == variable
    assert refused.value.message == f"{variable} is no setting; did you mean {meant}?"


def test_the_other_variables_of_lepton_are_no_misspelt_settings() -> None:
    names = ["URL", "API_KEY", "DATA", "DEBUG", "BUCKET", "TABLE", "WORK", "PICK_UP", "SEED", "FULL", "MOST"]
    assert set_by({f"LEPTON_{name}": "x" for name in names}, Settings()) == Settings()


def test_a_platform_on_this_machine_obeys_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEPTON_MOST_UPLOADS", "3")
    stack = open_embedded(tmp_path, background=False)
    try:
        assert stack.platform.settings.most_uploads == 3
    finally:
        stack.close()
