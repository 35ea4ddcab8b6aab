"""Backups of a stack: taken while it is in use, and put into an empty one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from functions.backup.fill import FilledStore, fill, is_filled_with
from functions.backup.folder import BackupFolder
from functions.backup.take import TakenBackup, Tell, take
from functions.context import utc_now
from functions.storage.whole import WholeStore
from infra.aws.stack_stores import of_names, of_stack, said
from lepton_core.errors import InvalidInput

OF_AWS = "aws"


@dataclass(frozen=True)
class StackName:
    """A stack by its ``name``, or by its ``bucket`` and its ``table``; ``region``: None is that of the environment."""

    name: str | None = None
    bucket: str | None = None
    table: str | None = None
    region: str | None = None


def back_up(stack: StackName, to: Path, tell: Tell) -> TakenBackup:
    """Bring the backup in the folder ``to`` to what the ``stack`` holds now; see `take`, and `stack_stores.said`."""
    with _opened(stack) as store:
        return take(store, BackupFolder(to), of=OF_AWS, now=utc_now(), tell=tell)


def restore(backup: Path, stack: StackName, tell: Tell) -> FilledStore:
    """Put a backup into the empty ``stack``; see `fill`, and `stack_stores.said`."""
    with _opened(stack) as store:
        return fill(BackupFolder(backup), store, now=utc_now(), tell=tell)


def is_begun(backup: Path, stack: StackName) -> bool:
    """Whether the ``stack`` is being filled with this very backup, and that has not ended."""
    with _opened(stack) as store:
        return is_filled_with(BackupFolder(backup), store)


@contextmanager
def _opened(stack: StackName) -> Iterator[WholeStore]:
    with said():
        if stack.name is not None:
            yield of_stack(stack.name, stack.region)
        elif stack.bucket is not None and stack.table is not None:
            yield of_names(stack.bucket, stack.table, stack.region)
        else:
            raise InvalidInput("name the stack, or its bucket and its table", field="stack")
