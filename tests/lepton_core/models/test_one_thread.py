"""One thread of linear algebra within a block: nested, in several threads, and with libraries that come later."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from lepton_core.models.learners.one_thread import one_thread
from tests.support.threads import together

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
MANY = 3


def numbers(api: str = "blas") -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == api}


def test_the_number_comes_back_after_an_error_too() -> None:
    np.ones(1)
    with threadpool_limits(MANY, "blas"):
        try:
            with one_thread():
                assert numbers() == {1}
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert numbers() == {MANY}


def test_a_caller_who_limits_threads_in_his_own_does_not_keep_ours_from_it() -> None:
    def compute() -> set[int]:
        with one_thread():
            return numbers()

    with threadpool_limits(MANY, "blas"):
        assert together([compute]) == [{1}]
        assert numbers() == {MANY}


def test_blocks_may_be_nested_and_run_in_threads_side_by_side() -> None:
    def compute(times: int) -> bool:
        held = True
        for _ in range(times):
            with one_thread(), one_thread():
                held = held and numbers() == {1}
            with one_thread():
                held = held and numbers() == {1}
        return held

    with threadpool_limits(MANY, "blas"):
        assert all(together([partial(compute, times) for times in (5, 10, 20, 40)]))
        assert numbers() == {MANY}


LATER = """
import numpy
from threadpoolctl import threadpool_info
from lepton_core.models.learners.one_thread import one_thread

def numbers():
    return {library["filepath"]: library["num_threads"] for library in threadpool_info()}

before = numbers()
with one_thread():
    import sklearn.svm, sklearn.ensemble
    with one_thread():
        within = numbers()
    still = numbers()
after = numbers()
assert len(within) > len(before), "scikit-learn brings libraries of its own"
assert set(within.values()) == {1}, within
blas = [path for path in within if "blas" in path]
assert len(blas) == 2 and {still[path] for path in blas} == {1}, still
assert {path: after[path] for path in before} == before
assert all(number > 1 for number in after.values()) or set(before.values()) == {1}, after
"""


def test_a_library_that_is_loaded_in_a_block_is_limited_by_the_next_one() -> None:
    chosen = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(MANY))
    done = subprocess.run(
        [sys.executable, "-c", LATER],
        env={**os.environ, "PYTHONPATH": str(ROOT), **chosen},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
