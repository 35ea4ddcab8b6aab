"""The machine of a host, as tests hold it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.context import Service
from lepton_core.errors import NotFound
from tests.support.clocks import NOON

FRONT = Service("front", "m", "http://127.0.0.1:8090", "running", 4711, 2, NOON)
GONE = Service("old", "spare", "http://127.0.0.1:8091", "lost", 12, 1, NOON)


@dataclass
class Machine:
    """Stands for the machine of a host: its services are those of models of one ``workspace``.

    One that is told to end has, or has not yet, as ``ends`` says; it stays known.
    """

    workspace: str = "default"
    ends: bool = True
    asked: list[str] = field(default_factory=list)

    def known(self, workspace: str) -> Sequence[Service]:
        """See `functions.context.Services`."""
        return [FRONT, GONE] if workspace == self.workspace else []

    def stop(self, workspace: str, name: str) -> bool:
        """See `functions.context.Services`."""
        if name not in [one.name for one in self.known(workspace)]:
            raise NotFound(f"no service {name!r}", field="service")
        self.asked.append(name)
        return self.ends
