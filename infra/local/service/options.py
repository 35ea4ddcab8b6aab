"""What a server of one model is asked for, and what it says of itself."""

import msgspec

from lepton_core.errors import Failure


class ServiceOptions(msgspec.Struct, frozen=True):
    """What a server is asked for: a ``file``, or the model ``name`` of the platform in the folder ``data``.

    ``service`` is the name under which it is found, of one over a folder.
    ``drain_seconds`` is how long a server that was told to stop still takes requests, and says that it is not ready.
    """

    name: str | None
    file: str | None
    data: str
    host: str = "127.0.0.1"
    port: int = 8090
    workers: int = 1
    drain_seconds: float = 1.0
    service: str | None = None

    @property
    def called(self) -> str:
        """The name of the service: that of the model, if nobody gives it another one."""
        return self.service or self.name or ""


class Serving(msgspec.Struct, frozen=True):
    """Where a model is served: its ``url``, the address for predictions under it, and which ``version`` answers.

    ``watched``: what is asked is counted on a platform, and so drift is seen.
    """

    url: str
    predict: str
    model: str
    version: int
    watched: bool


class Work(msgspec.Struct, frozen=True):
    """What one of several processes is told: what to serve, at which open ``listener`` (the number of its file)."""

    options: ServiceOptions
    listener: int


class WorkerWord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What such a process says: what it is ``serving``, or the ``error`` that it ended by."""

    serving: Serving | None = None
    error: Failure | None = None
