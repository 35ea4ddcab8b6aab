"""Which function does a task, where tasks are done by functions of their own."""

from collections.abc import Mapping

from functions.runs.score_task import OF_FILES
from functions.runs.task import Task

FUNCTIONS = ("work_task", "read_file")
"""The functions that do tasks, as Chalice names them; the first does whatever needs nothing else."""

NEEDS: Mapping[type, str] = dict.fromkeys(OF_FILES, "read_file")
"""The types of tasks that need another function, and which."""


def place_of(task: Task) -> int:
    """The place of a task's function in `FUNCTIONS`."""
    return FUNCTIONS.index(NEEDS.get(type(task), FUNCTIONS[0]))
