"""Fork-join of tasks: plan -> work* -> plan, under a lease that a late worker cannot outlive.

`drive` is the loop; a `Runner` decides where it runs: in threads, in worker processes, inline in a test,
or in the sweeper's own function on AWS.
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
