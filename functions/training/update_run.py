"""A run of update: a challenger is fitted from the champion's weights, and takes its place if it is not worse."""

from dataclasses import replace

from msgspec import structs

from functions.context import Context
from functions.records import find
from functions.records.files import read_file
from functions.records.kinds import DEPLOYMENTS, VERSIONS, Model, Version, number
from functions.runs.job import UpdateJob
from functions.runs.kind import Ending, RunKind
from functions.runs.record import Run, UpdateOutcome
from functions.runs.task import Compared, Results
from functions.serving.publish import check_answers, serve_version
from functions.storage import Workspace, Write
from functions.training import fit, trials
from lepton_core.errors import Damaged
from lepton_core.promotion import Verdict, judge


def finish(
    context: Context, store: Workspace, run: Run, job: UpdateJob, results: Results, model: Model
) -> Ending:
    """The new version, and, if it is promoted, the deployment that serves it: all in one transaction."""
    _, scored = fit.the_fit(results)
    assert scored.compared is not None  # noqa: S101  (fitted as an update)
    version = fit.new_version(context, store, run, results, model)
    champion = find.version(store, model.name, job.champion)
    said = ""
    if champion.value.imported is not None:
        said = "; the champion was imported, and may have learnt from these rows"
    if champion.value.decision is not None:
        from functions.training.labels import chosen_again  # noqa: PLC0415  (few versions have a rule for labels)

        version, chose = chosen_again(store, version, champion.value.decision)
        said += chose
    current = store.get(DEPLOYMENTS, model.name)
    verdict = _verdict(store, job, scored.compared, model, version)
    if verdict.promote and current is not None and current.value.canary is not None:
        verdict = replace(verdict, promote=False, reason="another version is being rolled out")
    verdict = replace(verdict, reason=verdict.reason + said)
    writes: list[Write] = [
        store.put(VERSIONS, model.name, number(version.version), value=version, expect=0),
        # A wish that is set, or taken back, in this moment goes with the challenger as well.
        store.check(VERSIONS, model.name, number(job.champion), expect=champion.revision),
    ]
    if verdict.promote:
        _, switch = serve_version(context, store, version, current, by="update", cause="updated")
        writes += switch
        changed = structs.replace(model, latest=version.version, champion=version.version, challenger=None)
    else:
        changed = structs.replace(model, latest=version.version, challenger=version.version)
    return Ending(changed, writes, version.version, UpdateOutcome(verdict, trigger=job.reason))


def _verdict(
    store: Workspace, job: UpdateJob, compared: Compared, model: Model, challenger: Version
) -> Verdict:
    verdict = judge(
        compared.champion_loss,
        compared.challenger_loss,
        compared.comparison,
        margin=job.margin,
        tolerance=job.tolerance,
        champion_error=compared.champion_error,
    )
    if verdict.promote and model.champion != job.champion:
        return replace(
            verdict, promote=False, reason="another version was deployed while this one was trained"
        )
    if verdict.promote:
        try:
            for file in dict.fromkeys((challenger.artifact, challenger.answers)):
                read_file(store, file, "the challenger's file")
            check_answers(store, challenger)
        except Damaged as error:
            return replace(verdict, promote=False, reason=error.message)
    return verdict


UPDATE = RunKind(UpdateJob, plan=trials.plan, work=trials.work, finish=finish, progress=trials.progress)
