"""`lepton serve`: a server of one model, in this process or in several."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from functions.storage import posix
from infra.local.listening import listener_on
from infra.local.logs import log_to_stderr
from infra.local.service.keys import KEY_VARIABLE, guard
from infra.local.service.one import Stopping, opened, run, server_for, serving_of
from infra.local.service.options import ServiceOptions, Serving
from infra.local.service.services import claimed
from infra.local.service.source import demand_platform
from infra.local.service.workers import Workers
from lepton_core.errors import LeptonError


def serve(options: ServiceOptions, ready: Callable[[Serving], None]) -> LeptonError | None:
    """Serve the model until SIGINT or SIGTERM; ``ready`` is called once the first request would be answered.

    Why it ended by itself, if the model is served no more; None after a signal. Over a platform's folder it is a
    service of that platform. Raises `NotFound` and `Conflict` for a model that is not deployed, `Conflict` (field
    'port') for a port that is taken, (field 'service') for a name that is, and what `guard` raises.
    """
    log_to_stderr()
    if options.file is not None:
        return _served(options, ready)
    data = Path(options.data).absolute()
    demand_platform(data)
    with claimed(data, options.called) as claim:

        def told(serving: Serving) -> None:
            claim.tell(serving, options)
            ready(serving)

        return _served(options, told)


def _served(options: ServiceOptions, ready: Callable[[Serving], None]) -> LeptonError | None:
    if options.workers > 1:
        return Workers(options, ready).run()
    stop = Stopping(options.drain_seconds)
    with posix.on_stop(stop), closing(opened(options)) as source:
        guarded = guard(source, options.host, os.environ.get(KEY_VARIABLE, ""))
        listener = listener_on(options.host, options.port)
        server = server_for(source, guarded, listener, options.host, stop.stage)
        return run(server, source, stop, lambda: ready(serving_of(source, server.url)))
