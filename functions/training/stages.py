"""Which fit of how many a run is at, in words, where it makes several."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from functions.runs.job import TrainJob, UpdateJob
from functions.runs.record import Progress
from functions.runs.task import CHOICE, LEARNT, Chosen, Fitted, MemberTask, OutTask, Results, is_done, key_of
from functions.training import fit
from functions.training.extras import FITS
from functions.training.specs import refits


def at_stage(shown: Progress, job: TrainJob | UpdateJob, results: Results) -> Progress:
    """The progress ``shown``, of the fit of several that is under way: which it is, and its own iterations.

    Of fits side by side all are named, and their iterations are those of all. Where one fit is all there is, and once
    all are done, it stays as it is.
    """
    for one, many, keys, again in _stages(job, results):
        found = [results.get(key) for key in keys]
        done = [at for at, fitted in enumerate(found) if fitted is not None and is_done(fitted)]
        if len(done) == len(keys):
            continue
        begun = [at for at, fitted in enumerate(found) if fitted is not None and at not in done]
        at = begun or [min(set(range(len(keys))) - set(done))]
        fits = [fitted for fitted in (found[place] for place in at) if isinstance(fitted, Fitted)]
        return replace(
            shown,
            stage=_said(one, many, at, len(keys)) + again,
            iteration=sum(fitted.iteration for fitted in fits),
            iterations=sum(fitted.iterations for fitted in fits),
        )
    return shown


def _stages(job: TrainJob | UpdateJob, results: Results) -> Iterator[tuple[str, str, Sequence[str], str]]:
    """Of each stage, in their order: what one fit of it is called, and several, their tasks, and what else is said."""
    again = ", fit again on all rows"
    chosen = results.get(CHOICE)
    if isinstance(chosen, Chosen) and len(chosen.members) > 1:
        for served in (False, True) if refits(job) else (False,):
            keys = [key_of(MemberTask(one.candidate, served)) for one in chosen.members]
            yield "member", "members", keys, again if served else ""
        return
    if job.extras.any and not job.candidates and LEARNT not in results:
        yield "fit", "fits", [key_of(OutTask(number)) for number in range(FITS)], ", without a fold each"
        return
    judged = results.get(fit.FIT)
    if judged is not None and is_done(judged) and refits(job):
        yield "", "", [fit.REFIT], again.removeprefix(", ")


def _said(one: str, many: str, at: Sequence[int], of: int) -> str:
    """The places ``at`` of so many, from 0 on.

    >>> _said("member", "members", [1], 3), _said("fit", "fits", [0, 1, 3], 5), _said("", "", [0], 1)
    ('member 2 of 3', 'fits 1, 2 and 4 of 5', '')
    """
    if not one:
        return ""
    *most, last = [str(place + 1) for place in at]
    return f"{many} {', '.join(most)} and {last} of {of}" if most else f"{one} {last} of {of}"
