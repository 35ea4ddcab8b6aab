"""The services over a platform's folder, as its routes ask for them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from functions.context import Service
from functions.storage.disk_errors import typed_errors
from lepton_core.errors import Conflict, NotFound

WAITED_SECONDS = 5.0
"""How long an answer waits for the end of a service that was told to stop."""


@dataclass(frozen=True)
class MachineServices:
    """See `functions.context.Services`: those over the folder ``data``, all of one ``workspace``.

    Both raise `Conflict` for a record that cannot be read.
    """

    data: Path
    workspace: str

    def known(self, workspace: str) -> Sequence[Service]:
        """See `functions.context.Services`."""
        if workspace != self.workspace:
            return []
        from infra.local.service.services import services  # noqa: PLC0415  (no prediction needs it)

        with _said_without_paths():
            return [
                Service(
                    name=one.name,
                    model=one.serving.model,
                    url=one.serving.url,
                    state=one.state,
                    process=one.process,
                    workers=one.options.workers,
                    started=one.started,
                )
                for one in services(self.data)
            ]

    def stop(self, workspace: str, name: str) -> bool:
        """See `functions.context.Services`."""
        from infra.local.service.services import is_ended, service  # noqa: PLC0415  (no prediction needs it)

        try:
            if workspace != self.workspace:
                raise NotFound("it is none of this workspace")
            with _said_without_paths():
                return is_ended(self.data, service(self.data, name), WAITED_SECONDS)
        except NotFound:
            raise NotFound(f"no service {name!r}", field="service") from None


@contextmanager
def _said_without_paths() -> Iterator[None]:
    """The command on the machine says where a record lies that cannot be read; callers of the API are not told."""
    try:
        with typed_errors():
            yield
    except Conflict:
        raise Conflict(
            "the record of a service is damaged; lepton services, on the machine of the platform, says which",
            field="service",
        ) from None
