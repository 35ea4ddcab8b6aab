import re
from pathlib import Path

from infra.file_length import MOST_LINES, too_long

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_a_file_that_is_too_long_is_found(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n" * MOST_LINES)
    (tmp_path / "data.csv").write_text("1\n" * 1000)
    (tmp_path / "deep").mkdir()
    bad = tmp_path / "deep" / "bad.py"
    bad.write_text("x = 1\n" * (MOST_LINES + 1))
    assert list(too_long([tmp_path])) == [(bad, MOST_LINES + 1)]


def test_locks_name_no_host_and_no_path_and_pin_everything() -> None:
    assert [lock.name for lock in LOCKS] == ["dev.txt", "layer.txt"]
    for lock in LOCKS:
        text = lock.read_text()
        assert not re.search(r"://|^-|--index|--find-links|@ |/(tmp|opt|home|work|root)/", text, re.M), lock
        requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert len(requirements) > 5
        for line in requirements:
            assert re.fullmatch(r"[a-z0-9.-]+==[^ ;]+( ; [^\\]+)? \\", line), line
        assert text.count("--hash=sha256:") >= len(requirements)


def test_the_layer_has_the_versions_that_the_tests_ran_with() -> None:
    dev, layer = (dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+)", lock.read_text(), re.M)) for lock in LOCKS)
    assert layer
    assert {name: dev.get(name) for name in layer} == layer
