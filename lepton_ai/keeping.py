"""Backups of a platform, on one machine and on AWS: where its state is, and what is said of what was done.

Beside `lepton_ai.embedded` the one module that opens what keeps state; it opens the stores, and runs no platform.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lepton_ai.errors import Damaged, InvalidInput, Unavailable
from lepton_ai.exporting import size_of
from lepton_ai.progress import reporter
from lepton_ai.transport import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable

_WORTH_TELLING = 1_000_000
"""Bytes of which it is shown how far they have come."""

_OF_THE_MACHINE = {
    "api_key": "the key that `lepton up` prints; it prints a new one",
    "services": "the servers of one model; start them again",
}
_PLACES = {"disk": "one machine", "aws": "a stack on AWS"}
_KINDS = {
    "links": "links that sign in",
    "restores": "marks of a restore",
    "schedules": "when hourly and daily work was done; it is due at once",
    "sessions": "sessions of browsers; sign in again",
    "signing": "the secret of the pairs that sign for AWS clients; print them again with 'lepton keys aws KEY'",
}


@dataclass(frozen=True)
class Place:
    """Where the state of a platform is: a ``folder`` of this machine, a ``stack``, or a ``bucket`` with a ``table``."""

    folder: Path | None = None
    stack: str | None = None
    bucket: str | None = None
    table: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        if (self.bucket is None) != (self.table is None):
            raise InvalidInput(
                "goes with the other one: give --bucket BUCKET and --table TABLE", field="bucket"
            )
        named = [self.folder, self.stack, self.bucket]
        if sum(one is not None for one in named) > 1:
            raise InvalidInput("name one place: a folder, a stack, or a bucket with its table", field="stack")

    @property
    def is_on_aws(self) -> bool:
        """Whether it is a stack, or a bucket and a table."""
        return self.stack is not None or self.bucket is not None

    def __str__(self) -> str:
        """As people call it."""
        if self.stack is not None:
            return f"the stack {self.stack}"
        return f"the bucket {self.bucket} and the table {self.table}" if self.is_on_aws else str(self.folder)


class BackupView(msgspec.Struct, frozen=True):
    """A backup as it is shown: ``left_out`` counts records by kind, ``new_bytes`` are those that had to be copied.

    ``absent`` and ``damaged`` name what was wrong in the platform itself when it was made, ``stays`` what belongs to
    the machine. ``begun_anew`` and ``passed_over`` are those of `functions/backup/take.py`.
    """

    backup: str
    made: str
    store: str
    records: int
    files: int
    bytes: int
    left_out: dict[str, int]
    absent: list[str]
    damaged: list[str]
    new_bytes: int | None = None
    begun_anew: list[str] = []
    passed_over: list[str] = []
    stays: list[str] = []
    changed: int | None = None

    def __str__(self) -> str:
        """Two lines or more."""
        new = "" if self.new_bytes is None else f", of which {size_of(self.new_bytes)} are new"
        what = f"{self.records} records, {self.files} files of {size_of(self.bytes)}{new}"
        when = f"{datetime.fromisoformat(self.made):%Y-%m-%d %H:%M} UTC"
        lines = [f"{self.backup}: {what}; of {_PLACES.get(self.store, self.store)}, {when}"]
        lines += [f"left out: {_KINDS.get(kind, kind)} ({count})" for kind, count in self.left_out.items()]
        lines += [f"left out: {one}" for one in self.stays]
        lines += [f"begins anew: {one}" for one in self.begun_anew]
        lines += [f"left out, as somebody is still writing it: {one}" for one in self.passed_over]
        lines += [f"lacked when it was made: {one}" for one in (*self.absent, *self.damaged)]
        if self.changed:
            lines.append(
                f"the platform there has changed {self.changed} records or files meanwhile: they stay so"
            )
        return "\n".join(lines)


def place_of(
    folder: Path | None,
    stack: str | None,
    bucket: str | None,
    table: str | None,
    region: str | None,
    *,
    option: str = "--data",
) -> Place:
    """The place that options name (``option`` the folder); without any, the folder of the embedded platform.

    Raises `InvalidInput` for options that do not go together, and where LEPTON_URL names a platform elsewhere.
    """
    found = Place(folder, stack, bucket, table, region)
    if found.folder is not None or found.is_on_aws:
        return found
    if os.environ.get("LEPTON_URL", "").strip():
        raise InvalidInput(
            f"LEPTON_URL names a platform elsewhere; say where its state is: {option} FOLDER, or --stack NAME",
            field="data",
        )
    return Place(data_folder())


def back_up(place: Place, to: Path, *, quiet: bool = False) -> BackupView:
    """Bring the backup in ``to`` to what the platform in ``place`` holds now.

    Raises `Damaged` if the platform itself lacks something: the backup is there then, and holds all else.
    """
    with _told(f"backup of {place}", quiet=quiet) as tell:
        if place.folder is not None:
            from infra.local import keeping  # noqa: PLC0415  (loads the stores)

            taken = keeping.back_up(place.folder, to, tell)
        else:
            taken = _aws().back_up(_stack(place), to, tell)
    view = _view(to, taken.head)
    if taken.head.absent or taken.head.damaged:
        raise Damaged(f"the backup in {to} is there, and {_lacks(view)}; what else there is, it holds")
    given = {
        "stays": [
            said for name, said in _OF_THE_MACHINE.items() if place.folder and (place.folder / name).exists()
        ],
        "new_bytes": taken.new_bytes,
        "begun_anew": taken.begun_anew,
        "passed_over": taken.passed_over,
    }
    return msgspec.structs.replace(view, **given)


def verify(backup: Path, *, quiet: bool = False) -> BackupView:
    """Check every byte of a backup. Raises `NotFound`, `Damaged`, `InvalidInput`, `NewerFormat`."""
    from infra.local import keeping  # noqa: PLC0415

    with _told("verify", quiet=quiet) as tell:
        return _view(backup, keeping.verify(backup, tell))


def restore(backup: Path, into: Place, *, quiet: bool = False) -> BackupView:
    """Put a backup into an empty place, and check there that every byte is what it was."""
    with _told(f"restore into {into}", quiet=quiet) as tell:
        if into.folder is not None:
            from infra.local import keeping  # noqa: PLC0415

            filled = keeping.restore(backup, into.folder, tell)
        else:
            filled = _aws().restore(backup, _stack(into), tell)
    return msgspec.structs.replace(_view(backup, filled.head), changed=filled.changed)


def migrate(source: Path, into: Place, by: Path, *, quiet: bool = False) -> BackupView:
    """Move the platform in the folder ``source`` into an empty stack, by a backup in ``by``, which stays.

    A call that was killed is followed by the same call: it goes on with the backup that it had begun to put there.
    Raises `Conflict` while a platform is up over ``source``.
    """
    from infra.local import keeping  # noqa: PLC0415

    keeping.demand_down(source)
    if not _aws().is_begun(by, _stack(into)):
        back_up(Place(source), by, quiet=quiet)
    return restore(by, into, quiet=quiet)


def next_step(place: Place) -> str:
    """What is to do where a backup was put."""
    if place.folder is not None:
        return f"start it: lepton up --data {place.folder} (it prints a new key; keys that people have go on working)"
    return "keys that people have go on working at its address"


def _aws() -> Any:
    try:
        from infra.aws import keeping  # noqa: PLC0415  (loads boto3)
    except ModuleNotFoundError as error:
        if error.name not in ("boto3", "botocore"):
            raise
        raise InvalidInput("a stack needs boto3: pip install 'lepton-ai[aws]'", field="stack") from None
    return keeping


def _stack(place: Place) -> Any:
    return _aws().StackName(place.stack, place.bucket, place.table, place.region)


def _view(backup: Path, head: msgspec.Struct) -> BackupView:
    told = msgspec.to_builtins(head)
    named = {one: told[one] for one in ("made", "store", "bytes", "left_out", "absent", "damaged")}
    return BackupView(str(backup), records=told["record_count"], files=told["file_count"], **named)


def _lacks(view: BackupView) -> str:
    absent = [f"not there: {one}" for one in view.absent]
    return "the platform itself lacks something: " + "; ".join(
        [*absent, *(f"damaged: {one}" for one in view.damaged)]
    )


@contextmanager
def _told(title: str, *, quiet: bool) -> "Iterator[Callable[[int, int], None]]":
    told = reporter(title, "byte", quiet=quiet)

    def update(done: int, total: int) -> None:
        if total >= _WORTH_TELLING:
            told.update(done, total)

    try:
        yield update
    except Unavailable as error:
        error.add_note("what was done so far stays: give the same command again")
        raise
    finally:
        told.close()
