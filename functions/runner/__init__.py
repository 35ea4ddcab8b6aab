"""Fork-join of tasks: plan -> work* -> plan, under a lease that a late worker cannot outlive.

`drive` is the loop; a `Runner` decides where it runs, and where its tasks do: in threads, in worker processes, inline
in a test; on AWS in the sweeper's function, which calls one function a task.
"""

from functions.runner.drive import drive
from functions.runner.hold import Held, claim, cleanup, queue
from functions.runner.protocol import Ending, Steps, TaskResult, register

__all__ = [
    "Ending",
    "Held",
    "Steps",
    "TaskResult",
    "claim",
    "cleanup",
    "drive",
    "queue",
    "register",
]
