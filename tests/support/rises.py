"""How far the peak of memory rises, as the kernel tells it: what libraries of C and Rust take counts as well."""

import ctypes
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")

ROOT = Path(__file__).parents[2]


class Rise(NamedTuple):
    """Of one case: what came of it, the bytes of its file, and those by which the peak rose above the level before."""

    case: str
    said: str
    size: int
    rise: int


def rises_of(program: str, cases: Iterable[str]) -> list[Rise]:
    """What the module ``program`` prints of each of the ``cases`` by `measure`, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", program],
        input="\n".join(cases),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return [Rise(*json.loads(line)) for line in done.stdout.splitlines()]


def measure(made: Callable[[str], bytes], begun: Callable[[str], Callable[[Path], str]]) -> None:
    """Print the `Rise` of each case that the standard input names.

    ``begun`` gets ready for it in a fork of this process, so that no case finds memory that another one left. What it
    returns is measured, with the file that ``made`` makes of the case in a fork of its own; it says what came of it.
    """
    for case in sys.stdin.read().splitlines():
        sys.stdout.flush()
        if _in_fork(lambda case=case: _measure_one(case, made, begun)):  # type: ignore[misc]
            raise RuntimeError(f"{case}: the process ended without an answer")


def _measure_one(
    case: str, made: Callable[[str], bytes], begun: Callable[[str], Callable[[Path], str]]
) -> None:
    read = begun(case)
    file = Path(f"made-{os.getpid()}")
    if _in_fork(lambda: file.write_bytes(made(case))):
        raise RuntimeError(f"{case}: the file cannot be made")
    size = file.stat().st_size
    gc.collect()
    said, rise = with_rise(lambda: read(file))
    sys.stdout.write(json.dumps([case, said, size, rise]) + "\n")
    sys.stdout.flush()


def with_rise(action: Callable[[], T]) -> tuple[T, int]:
    """What ``action`` returns, and by how many bytes the peak of this process rises meanwhile; 0 where none tells."""
    if sys.platform != "linux":
        return action(), 0
    ctypes.CDLL(None).malloc_trim(0)  # what was freed before is room that a rise would not show
    Path("/proc/self/clear_refs").write_text("5")
    before = _kilobytes("VmRSS")
    found = action()
    return found, 1024 * (_kilobytes("VmHWM") - before)


def _in_fork(action: Callable[[], object]) -> int:
    """The exit code of a fork that does ``action``."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        action()
        code = 0
    except BaseException:  # noqa: BLE001  (nothing of a fork goes on beside its parent)
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
