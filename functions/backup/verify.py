"""Check a backup: every byte of it, and that it holds nothing that no backup holds. No platform is needed."""

from functions.backup.contents import OF_ONE_PLACE, kind_of
from functions.backup.folder import BackupFolder
from functions.backup.form import BackupHead, FileLine, read_files, read_records
from functions.backup.take import Tell, first, untold
from lepton_core.errors import Damaged, InvalidInput


def verify(folder: BackupFolder, tell: Tell = untold) -> BackupHead:
    """The head of the backup in ``folder``, of which every digest is right.

    Raises `NotFound` if no backup was finished there, `NewerFormat` for one of a newer Lepton, `Damaged`, which names
    the files, and `InvalidInput` for what no backup holds.
    """
    head = folder.head()
    check_records(folder, head)
    lines = listed_files(folder, head)
    faults = list[str]()
    right = set[str]()
    done = 0
    for line in lines:
        if line.digest not in right:
            fault = _fault(folder, line)
            if fault:
                faults.append(f"{line.key!r} {fault}")
            else:
                right.add(line.digest)
        done += line.size
        tell(done, head.bytes)
    if faults:
        raise folder.damaged(f"{len(faults)} of {len(lines)} files: {first(faults, 10)}")
    return head


def check_records(folder: BackupFolder, head: BackupHead) -> None:
    """Read the list of records. Raises as `verify`."""
    for _ in folder.pieces(head.records):
        pass
    with folder.named(), folder.open(head.records) as file:
        count = 0
        for count, record in enumerate(read_records(file), 1):
            if kind_of(record.partition) in OF_ONE_PLACE:
                raise InvalidInput(
                    f"line {count} of the list of records is of {record.partition}: no backup has that"
                )
    if count != head.record_count:
        raise folder.damaged(f"{head.record_count} records are announced, and {count} are there")


def listed_files(folder: BackupFolder, head: BackupHead) -> list[FileLine]:
    """The lines of the list of files. Raises as `verify`, but looks at no file itself."""
    for _ in folder.pieces(head.files):
        pass
    with folder.named(), folder.open(head.files) as file:
        lines = list(read_files(file))
    if (len(lines), sum(line.size for line in lines)) != (head.file_count, head.bytes):
        raise folder.damaged(
            f"{head.file_count} files of {head.bytes} bytes are announced, and others are there"
        )
    return lines


def _fault(folder: BackupFolder, line: FileLine) -> str:
    # The size first: nobody reads on and on in what is too long.
    size = folder.size(line.digest)
    if size is None:
        return "is not there"
    if size != line.size:
        return f"has {size} bytes in place of {line.size}"
    try:
        for _ in folder.pieces(line.digest):
            pass
    except Damaged:
        return "has other bytes than it had"
    return ""
