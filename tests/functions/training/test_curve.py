"""A long loss curve is written once, in chunks, whatever the slices of its fit were."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from functions.runs.job import Spec, TrainJob
from functions.runs.new_run import new_run
from functions.runs.task import Chunk
from functions.training.curve import POINTS, in_chunks, read_chunks, shown_losses, thin, write_chunks
from lepton_core.models import Fit, pack_fit, unpack_fit
from tests.support.stores import memory_store
from tests.support.world import world

SIZE = 10
JOB = TrainJob(Spec("logistic_regression", {}, "m", 1))


@given(st.lists(st.integers(0, 35), max_size=8))
def test_however_a_fit_is_sliced_its_curve_is_the_same(slices: list[int]) -> None:
    store = memory_store()
    here = world(store)
    tenant, run = here.platform.workspace("default"), new_run(here.platform, "m", JOB)
    losses = np.linspace(1.0, 0.0, sum(slices) + 1)
    chunks: list[Chunk] = []
    fit = Fit(0, len(losses), np.empty(0), {})
    for size in [*slices, 1]:
        ahead = losses[fit.iteration : fit.iteration + size]
        fit = replace(fit, iteration=fit.iteration + size, losses=np.append(fit.losses, ahead))
        fit = replace(fit, finished=fit.iteration == len(losses))
        chunks = write_chunks(here.platform, tenant, run, fit, chunks, SIZE)
        arrays, meta = pack_fit(fit, since=len(chunks) * SIZE)
        assert fit.finished or len(arrays["losses"]) < SIZE
        fit = unpack_fit(arrays, meta)
    assert in_chunks(chunks) == sum(slices) // SIZE * SIZE, "the last slice has nothing to leave for later"
    whole = np.append(read_chunks(tenant, run, chunks), fit.losses_since(in_chunks(chunks)))
    assert whole.tolist() == losses.tolist()
    assert shown_losses(tenant, run, fit, chunks) == thin(losses.tolist())


def test_what_is_shown_meanwhile_keeps_its_ends_and_its_order() -> None:
    store = memory_store()
    here = world(store)
    tenant, run = here.platform.workspace("default"), new_run(here.platform, "m", JOB)
    losses = np.linspace(1.0, 0.0, 1234)
    fit = Fit(len(losses), 5000, losses, {})
    chunks = write_chunks(here.platform, tenant, run, fit, [], SIZE)
    seen = shown_losses(tenant, run, fit, chunks)
    assert len(seen) <= POINTS
    assert seen == sorted(set(seen), reverse=True)
    assert (seen[0], seen[-1]) == (1.0, 0.0)
