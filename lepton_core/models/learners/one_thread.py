"""One thread of linear algebra, for as long as a block lasts.

Libraries for linear algebra take a thread a core. On the matrices that are trained here that costs more than it brings,
several times as much on a busy machine; and a sum over other threads differs in its last bits, so that a run which is
taken up elsewhere would give another model. The number is a
setting of the process, and the only state of the core.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

_lock = threading.Lock()
_inside: list[None] = []
_before: dict[str, tuple[Any, int]] = {}


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block BLAS and OpenMP use one thread; blocks may be nested, and run in several threads at once.

    BLAS knows one number a process: the first block that is entered keeps it, and the last that is left restores it. A
    library that is loaded within a block is limited by the next one that is entered. Raises ``ImportError`` without
    threadpoolctl.

    >>> from threadpoolctl import threadpool_info
    >>> with one_thread():
    ...     {library["num_threads"] for library in threadpool_info()}
    {1}
    """
    found = import_module("threadpoolctl").ThreadpoolController()
    # OpenMP's number is that of the calling thread.
    with found.select(user_api="openmp").limit(limits=1):
        with _lock:
            _inside.append(None)
            for library in found.select(user_api="blas").lib_controllers:
                _before.setdefault(library.filepath, (library, library.num_threads))
                _set(library, 1)
        try:
            yield
        finally:
            with _lock:
                _inside.pop()
                if not _inside:
                    for library, number in _before.values():
                        _set(library, number)
                    _before.clear()


def _set(library: Any, number: int) -> None:
    # threadpoolctl lets the first thread that sets the number keep it from the others, and says nothing to them. Here
    # a lock keeps order.
    release = getattr(library, "clear_controlling_thread", None)
    if release is not None:
        release(force=True)
    library.set_num_threads(number)
    if release is not None:
        release(force=True)
