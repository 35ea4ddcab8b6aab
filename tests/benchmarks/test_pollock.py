"""The benchmark counts as its page says, on files of our own and with a scorer of our own."""

from pathlib import Path

import pytest

from tests.benchmarks.pollock import MOST, Score, scored, simple, weighted


def same(clean: str, loaded: str) -> tuple[float, ...]:
    """1 for each part if the files are equal, as the scorer of the benchmark has it."""
    return (float(Path(clean).read_text() == Path(loaded).read_text()),) * (MOST - 1)


@pytest.mark.parametrize(
    ("source", "clean", "total", "wrong"),
    [
        ("a;b\n1;2\n3;4\n", "a,b\n1,2\n3,4\n", 10, False),
        ("1,2\n3,4\n", "1,2\n3,4\n", 10, False),
        ("a,b,\n1,2,\n", "a,b,\n1,2,\n", 1, False),
        ("a,b\n1,2\n", "a,b,c\n1,2,3\n", 1, True),
        ("", "", 10, False),
        ("a,b\n1\n2,3\n", "a,b\n1,\n2,3\n", 0, False),
    ],
)
def test_a_file_is_scored_by_what_was_read(tmp_path: Path, source, clean, total, wrong) -> None:
    for name, text in (("source.csv", source), ("clean.csv", clean)):
        (tmp_path / name).write_bytes(text.encode())
    score = scored(tmp_path / "source.csv", tmp_path / "clean.csv", tmp_path / "loaded.csv", same)
    assert (round(score.total, 6), score.wrong) == (total, wrong)


def test_the_weighted_score_counts_files_by_their_weights() -> None:
    scores = [Score("a", (1.0,) * MOST), Score("b", (0.0,) * MOST, refused="no")]
    assert (simple(scores), weighted(scores, {"a": 3.0, "b": 1.0})) == (5.0, 7.5)
