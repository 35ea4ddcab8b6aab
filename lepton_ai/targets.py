"""Where a deployed version is served: by the platform itself, or by a process of its own on this machine as well.

``target='cloud'`` is the stack that the platform runs on. ``target='local'`` is that, and a process that answers at
``port``, the ``service``: see `at_target`.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from lepton_ai.errors import InvalidInput
from lepton_ai.served import Deployment
from lepton_ai.transport import Transport, checked_name

CLOUD = "cloud"
"""The stack that the platform runs on."""

LOCAL = "local"
PORT = 8090
"""Where a model is served on this machine, if nobody says."""


def at_target(
    transport: Transport, model: str, target: str, service: str | None, port: int
) -> Callable[[Deployment], Deployment]:
    """What makes of a deployment the one that says where the ``target`` serves it.

    Of 'local' that starts the ``service`` (default: called as the model), which follows the deployment and counts for
    the platform, until somebody stops it or the model is retired. One that runs already is left as it is.

    Errors: ``InvalidInput`` (field 'target', 'service' or 'port'); of what is returned, ``Conflict`` (field 'port' or
    'service') for what is taken.
    """
    if target == CLOUD:
        if service is not None or port != PORT:
            raise InvalidInput(
                f"goes with the target {LOCAL!r}", field="port" if service is None else "service"
            )
        return lambda deployed: deployed
    if target != LOCAL:
        raise InvalidInput(f"must be {CLOUD!r} or {LOCAL!r}, not {target!r}", field="target")
    if transport.url is not None:
        raise InvalidInput(
            f"the platform at {transport.address} starts no process here; export the version, and serve its file",
            field="target",
        )
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65_535:
        raise InvalidInput(f"must be a whole number from 0 (a free one) to 65535, not {port!r}", field="port")
    name = checked_name(model if service is None else service, "service")

    def started(deployed: Deployment) -> Deployment:
        from lepton_ai.embedded import start_service  # noqa: PLC0415  (loads what starts a process)

        found = start_service(Path(transport.address), model, name, port)
        return msgspec.structs.replace(deployed, address=found.url, url=found.predict)

    return started
