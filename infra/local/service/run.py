"""`lepton serve`: a server of one model, in this process or in several."""

import os
from collections.abc import Callable
from contextlib import closing

from functions.storage import posix
from infra.local.listening import listener_on
from infra.local.logs import log_to_stderr
from infra.local.service.keys import KEY_VARIABLE, guard
from infra.local.service.one import Stopping, opened, run, server_for, serving_of
from infra.local.service.options import ServiceOptions, Serving
from infra.local.service.workers import Workers
from lepton_core.errors import LeptonError


def serve(options: ServiceOptions, ready: Callable[[Serving], None]) -> LeptonError | None:
    """Serve the model until SIGINT or SIGTERM; ``ready`` is called once the first request would be answered.

    Why it ended by itself, if the model is served no more; None after a signal. Raises `NotFound` and `Conflict` for a
    model that is not deployed, `Conflict` (field 'port') for a port that is taken, and what `guard` raises.
    """
    log_to_stderr()
    if options.workers > 1:
        return Workers(options, ready).run()
    stop = Stopping(options.drain_seconds)
    with posix.on_stop(stop), closing(opened(options)) as source:
        guarded = guard(source, options.host, os.environ.get(KEY_VARIABLE, ""))
        listener = listener_on(options.host, options.port)
        server = server_for(source, guarded, listener, options.host, stop.stage)
        return run(server, source, stop, lambda: ready(serving_of(source, server.url)))
