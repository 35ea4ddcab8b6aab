"""A command that a report offers works as it stands, also for a data set that no model learns from."""

import shlex
from pathlib import Path

import pytest

from lepton_ai import Dataset
from lepton_ai.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEPTON_URL", raising=False)
    monkeypatch.delenv("LEPTON_DATA", raising=False)
    return tmp_path


def test_each_upload_that_a_report_offers_is_taken_without_a_model(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "rows.csv"
    rows = "".join(f"{i % 7}.5,{8 + i % 2},{'uvw'[i % 3]},{'yes' if i % 2 else 'no'}\n" for i in range(200))
    file.write_text("age,re fund,$HOME,left\n" + rows)
    assert run("data", "upload", "people", str(file)) == 0
    capsys.readouterr()
    assert run("data", "report", "people") == 0
    offered = [
        line.strip() for line in capsys.readouterr().out.splitlines() if line.strip().startswith("lepton ")
    ]
    assert len(offered) >= 2
    for line in offered:
        command = shlex.split(line)
        assert run(*(str(file) if word == "FILE" else word for word in command[1:])) == 0, line
    assert "re fund" not in [one.name for one in Dataset("people").describe().columns]


def run(*arguments: str) -> int:
    """The exit status of the command."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)
