"""Which function does a task: what needs nothing goes to the first, and each that is needed is there."""

from typing import get_args

from functions.runs.needs import FUNCTIONS, NEEDS, place_of
from functions.runs.task import FitTask, FoldTask, Task


def test_a_task_that_needs_nothing_goes_to_the_first_function() -> None:
    assert [place_of(task) for task in (FitTask(), FoldTask(3))] == [0, 0]


def test_only_tasks_need_functions_and_each_of_these_is_there() -> None:
    assert set(NEEDS) <= set(get_args(Task))
    assert set(NEEDS.values()) == set(FUNCTIONS[1:])
