"""The sizes of distributions are of what pip installs."""

import pytest

from tests.benchmarks.sizes import WHEELS, figures, page


@pytest.mark.lengthy
def test_the_light_one_has_its_line() -> None:
    light = "lepton-ai-serve"
    try:
        (line,) = figures({light: WHEELS[light]})
    except OSError as error:
        pytest.skip(f"no index of packages can be reached: {error}")
    name, wheel, count, environment = (cell.strip(" `") for cell in line.split("|")[1:-1])
    assert (name, count) == (light, "8")
    assert 0.5 < float(wheel) < float(environment) < 150
    assert line in page([line]).splitlines()
