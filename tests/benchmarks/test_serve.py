"""The benchmark of servers measures what it says, whatever the figures are."""

import pytest

from tests.benchmarks.serve import FILE, FOLDER, UP, Figures, compared, figures
from tests.infra.local.service.kit import ROOT


@pytest.mark.lengthy
def test_each_server_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("FASTAPI", "BENTOML", "MLFLOW"):
        monkeypatch.delenv(f"LEPTON_{name}_PYTHON", raising=False)
    lines = [line.split("|")[1:-1] for line in figures(rounds=1, seconds=0.05) if line.startswith("|")]
    told = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}
    for name in (FILE, FOLDER, UP):
        assert all(float(cell.rstrip("%")) >= 0 for cell in told[name])
    assert told["bare"][-1] == "-"
    for name in ("nothing", "a training", "an upload"):
        assert float(told[name][1]) > 0
    parts = [float(told[name][0]) for name in ("reading the body", "the matrix and the model", "all")]
    assert all(part > 0 for part in parts)


def test_what_is_asked_for_stands_beside_what_was_measured() -> None:
    of = {
        FILE: Figures([0.1], [1.0], [4000.0], [1.0], [90.0], [6.0], [0.5]),
        UP: Figures([0.2], [1.0], [2000.0], [1.0], [90.0], [6.0], [0.5]),
        "bare": Figures([0.1], [1.0], [4000.0], [1.0], [90.0], [4.0]),
        "FastAPI": Figures([1.0], [1.0], [400.0], [1.0], [90.0], [5.0]),
        "mlflow": Figures([3.0], [1.0], [200.0], [1.0], [90.0], [20.0]),
    }
    found = [line.split("|")[-2].strip() for line in compared(of)][2:]
    assert found == ["30.0x", "20.0x", "10.0x", "15.0x", "5.0x", "1.5x", "40.0x"]
    del of["mlflow"], of["FastAPI"]
    assert [line.split("|")[-2].strip() for line in compared(of)][2:] == ["1.5x"]


def test_the_page_has_what_must_be() -> None:
    page = (ROOT / "docs/benchmarks/serve.md").read_text()
    cells = [[cell.strip(" x") for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    asked = {
        one[0]: (float(one[1]), float(one[3])) for one in cells if len(one) == 4 and one[3][:1].isdigit()
    }
    assert len(asked) == 7, "of all rivals"
    for what, (must, found) in asked.items():
        assert found <= must if what.endswith("at most") else found >= must, what
    late = {
        one[0]: (float(one[3]), float(one[4]))
        for one in cells
        if one and one[0].startswith(("a tr", "an up"))
    }
    assert len(late) == 2
    assert all(times <= 3 or by <= 5 for times, by in late.values())
