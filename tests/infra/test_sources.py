import re
from pathlib import Path

import pytest

from infra.file_length import MOST_LINES, too_long
from tests.support.docstrings import lacking, names_a_shape

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
    assert [lock.name for lock in LOCKS] == ["dev.txt", "layer.txt", "learners.txt", "readers.txt"]
    for lock in LOCKS:
        text = lock.read_text()
        assert not re.search(r"://|^-|--index|--find-links|@ |/(tmp|opt|home|work|root)/", text, re.M), lock
        requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert len(requirements) > (1 if lock.name == "readers.txt" else 5)
        for line in requirements:
            assert re.fullmatch(r"[a-z0-9.-]+==[^ ;]+( ; [^\\]+)? \\", line), line
        assert text.count("--hash=sha256:") >= len(requirements)


def test_the_layers_have_the_versions_that_the_tests_ran_with() -> None:
    dev, *layers = (dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+)", lock.read_text(), re.M)) for lock in LOCKS)
    for layer in layers:
        assert layer
        assert {name: dev.get(name) for name in layer} == layer


def test_docstrings_of_the_core_give_shapes_and_errors() -> None:
    paths = sorted((ROOT / "lepton_core").rglob("*.py"))
    assert len(paths) > 50
    found = lacking({path.relative_to(ROOT).as_posix(): path.read_text() for path in paths})
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(): ...", ["a.py:1 f lacks a docstring"]),
        ("class A:\n def f(self): 'Text.'", ["a.py:1 A lacks a docstring"]),
        ("class A:\n 'Text.'\n @property\n def f(self): ...", ["a.py:4 A.f lacks a docstring"]),
        ("def f():\n '''>>> f()\n (m,)'''", ["a.py:1 f lacks a docstring"]),
        ("def _f(): ...\nclass _A:\n def f(self): ...", []),
        ("class A:\n 'Text.'\n def __len__(self): return 0\n def _f(self): ...", []),
        ("def f(x: np.ndarray): 'The sum of x.'", ["a.py:1 f lacks a shape"]),
        ("def f(*, x: list['NDArray[Any]'] | None = None): 'The sum.'", ["a.py:1 f lacks a shape"]),
        ("async def f(*x: int) -> NDArray[Any]: 'The sum.'", ["a.py:1 f lacks a shape"]),
        ("A = NDArray[Any]\nB = tuple[A, A]\ndef f() -> B: 'The sum.'", ["a.py:3 f lacks a shape"]),
        ("class A:\n 'Text.'\n x: NDArray[Any]", ["a.py:1 A lacks a shape"]),
        ("def f(x: NDArray[Any]):\n '''The sum.\n\n >>> f((m,))\n '''", ["a.py:1 f lacks a shape"]),
        ("def f(x: NDArray[Any]): 'The sum of x (m,).'", []),
        ("def f(x: int): 'The sum.'", []),
        ("def f():\n 'Text.'\n raise ValueError", ["a.py:1 f lacks `ValueError`, which it raises"]),
        (
            "def f():\n 'A ValueError.'\n if 1:\n  raise errors.B('x') from None\n raise ValueError('y')",
            ["a.py:1 f lacks `B`, which it raises", "a.py:1 f lacks `ValueError`, which it raises"],
        ),
        (
            "class A:\n 'Text.'\n def __post_init__(self): raise B()",
            ["a.py:1 A lacks `B`, which it raises"],
        ),
        ("def f():\n 'Raises ``B`` and `C`.'\n raise B\n raise C()", []),
        ("def f():\n 'Text.'\n def inner():\n  raise B\n try: ...\n except B as b: raise", []),
        ("def f():\n 'Text.'\n raise _made()", []),
    ],
)
def test_what_a_docstring_lacks_is_found(source: str, found: list[str]) -> None:
    assert lacking({"a.py": source}) == found
    assert lacking({"_a.py": source, "_b/a.py": source}) == []


def test_a_method_may_leave_it_to_its_protocol() -> None:
    protocol = "class P(Protocol):\n 'Text.'\n def f(self, x: NDArray[Any]): 'Of x (m,). Raises `B`.'\n"
    method = "class A:\n 'Text.'\n def f(self, x: NDArray[Any]):\n  '{}'\n  raise {}"
    without = ["a.py:3 A.f lacks a shape", "a.py:3 A.f lacks `B`, which it raises"]
    assert lacking({"p.py": protocol, "a.py": method.format("See `P`.", "B")}) == []
    other = lacking({"p.py": protocol, "a.py": method.format("See `P`.", "C")})
    assert other == ["a.py:3 A.f lacks `C`, which it raises"]
    assert lacking({"p.py": protocol, "a.py": method.format("Text.", "B")}) == without
    assert (
        lacking({"p.py": protocol.replace(" f(", " g("), "a.py": method.format("See `P`.", "B")}) == without
    )
    assert (
        lacking({"p.py": protocol.replace("(Protocol)", ""), "a.py": method.format("See `P`.", "B")})
        == without
    )


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("of shape (m,)", True),
        ("``(K, n + 1)``", True),
        ("(len(levels) + groups + 2,)", True),
        ("(..., n + 1)", True),
        ("indices (integers of shape (k,))", True),
        ("``intercept`` ``(1,)``", True),
        ("shaped like ``W``", True),
        ("of the shape of ``counts``", True),
        ("the pair (arrays, meta)", False),
        ("``(X, y)`` and (x, y)", False),
        ("from (0, 0) to (1, 1)", False),
        ("(m) or (2019)", False),
        ("Gower and others (2019), the last shape", False),
    ],
)
def test_a_shape_is_told_from_other_words(text: str, shape: bool) -> None:
    assert names_a_shape(text) is shape
