"""The greedy portfolio: each configuration is the one that helps most beside those before it, for its seconds."""

from tests.benchmarks.portfolio.learn import learned
from tests.benchmarks.portfolio.measure import configurations, key, measured


def line(table: str, name: str, loss: float, seconds: float = 1.0) -> dict[str, str]:
    return {
        "table": table,
        "algorithm": name,
        "hyperparameters": "{}",
        "loss": str(loss),
        "seconds": str(seconds),
    }


def test_the_second_is_good_where_the_first_is_not() -> None:
    lines = [
        *(line("a", name, loss) for name, loss in (("x", 1.0), ("y", 1.05), ("z", 1.9))),
        *(line("b", name, loss) for name, loss in (("x", 1.5), ("y", 1.6), ("z", 1.0))),
    ]
    assert [one.algorithm for one in learned(lines, 3)] == ["x", "z", "y"]


def test_of_two_alike_the_cheap_one_comes_first_and_what_failed_never() -> None:
    lines = [line("a", "dear", 1.0, 60.0), line("a", "cheap", 1.0, 1.0), line("a", "broken", float("nan"))]
    assert [one.algorithm for one in learned(lines, 3)] == ["cheap", "dear"]


def test_what_is_measured_is_what_would_be_measured_again() -> None:
    known = {key(one) for one in configurations()}
    lines = measured()
    assert lines and {(one["algorithm"], one["hyperparameters"]) for one in lines} <= known
    places = [(one["table"], one["algorithm"], one["hyperparameters"]) for one in lines]
    assert len(set(places)) == len(places)
