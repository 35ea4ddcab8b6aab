"""The benchmark of servers measures what it says, whatever the figures are."""

import pytest

from tests.benchmarks.serve import figures
from tests.infra.local.service.kit import ROOT


@pytest.mark.lengthy
def test_each_server_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("LEPTON_FASTAPI_PYTHON", "LEPTON_MLFLOW_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    lines = list(figures(rounds=1, seconds=0.05))
    table = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    assert table[2:] == ["Lepton, a file", "Lepton, a folder", "bare"]
    for line in lines[-3:]:
        assert all(float(cell) > 0 for cell in line.split("|")[2:5])
