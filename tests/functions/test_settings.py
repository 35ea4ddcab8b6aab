"""An operator sets each time and limit by a variable of the environment."""

from dataclasses import asdict, fields
from pathlib import Path

import pytest

from functions.settings import Settings, set_by
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


def test_a_platform_on_this_machine_obeys_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEPTON_MOST_UPLOADS", "3")
    stack = open_embedded(tmp_path, background=False)
    try:
        assert stack.platform.settings.most_uploads == 3
    finally:
        stack.close()
