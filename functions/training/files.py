"""The files of a run."""

from functions.context import Context
from functions.runs.record import Run
from functions.storage import Workspace


def file_key(context: Context, store: Workspace, run: Run, name: str) -> str:
    """A blob key that nobody else uses: a task that runs twice writes twice, and one of the two is taken."""
    return store.blob("runs", run.id, context.new_id(f"{name}-{run.attempt}"))
