"""The benchmark of the console runs, and the platform that it measures is filled as it says."""

from contextlib import closing
from pathlib import Path

import pytest

from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.model import Model
from lepton_ai.transport import pages
from tests.benchmarks.console import Effort, asked, figures
from tests.benchmarks.full_platform import NAME, SERVED, Amount, fill

FEW = Amount(models=30, runs=70, datasets=4, iterations=400)


def test_a_platform_is_filled_with_what_was_trained_once(tmp_path: Path) -> None:
    run = fill(tmp_path / "state", FEW)
    with closing(EmbeddedTransport(tmp_path / "state")) as transport:
        models = list(pages(transport, "/v1/models"))
        runs = list(pages(transport, "/v1/runs"))
        assert [len(models), len(runs), len(list(pages(transport, "/v1/datasets")))] == [30, 70, 4]
        assert runs[0]["id"] == run
        assert runs[0]["iteration"] == 400
        assert sum(one["champion"] is not None for one in models) == 1 + (30 - 1 + SERVED - 1) // SERVED
        model = Model(name=f"{NAME}-00000", quiet=True, transport=transport)
        assert [one.label for one in model.predict([{"a": 2, "b": 2}])] == ["yes"]
        assert [one.model for one in model.runs()] == [model.name] * 3


@pytest.mark.slow
@pytest.mark.lengthy
def test_the_page_tells_of_screens_commands_calls_memory_and_cold_starts() -> None:
    lines = list(figures(FEW, Effort(calls=2, turns=1, looks=5)))
    told = "\n".join(lines)
    for what in (
        "start, from an empty page",
        "`lepton status`, embedded",
        "first load",
        "memory",
        "Lambda: `/`",
    ):
        assert what in told
    assert sum(line.startswith("| `/v1/") for line in lines) == len(asked("RUN"))
