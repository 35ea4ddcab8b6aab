"""A run of update: a challenger is fitted from the champion's weights, and takes its place if it is not worse.

Or it is tried beside it first, where the policy of the model says so.
"""

from dataclasses import replace

from msgspec import structs

from functions.context import Context
from functions.records import find
from functions.records.deployments import Deployment
from functions.records.files import read_file
from functions.records.kinds import DEPLOYMENTS, VERSIONS, Model, Policy, Version, number
from functions.runs.job import UpdateJob
from functions.runs.kind import Ending, RunKind
from functions.runs.record import Run, UpdateOutcome
from functions.runs.task import Compared, Results
from functions.serving.publish import BAKE_SECONDS, check_answers, serve_version
from functions.storage import Stored, Workspace, Write
from functions.training import fit, trials
from lepton_core.errors import Damaged
from lepton_core.promotion import Verdict, judge


def finish(
    context: Context, store: Workspace, run: Run, job: UpdateJob, results: Results, model: Model
) -> Ending:
    """The new version, and, if it won, the deployment that serves it, or tries it: all in one transaction."""
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
    changed, rollout = structs.replace(model, latest=version.version, challenger=version.version), None
    if verdict.promote:
        deployed, switch = _deployed(context, store, version, current, model.policy)
        writes += switch
        if deployed.canary is None:
            changed = structs.replace(changed, champion=version.version, challenger=None)
        elif deployed.rollout is not None:
            rollout = deployed.rollout.id
    return Ending(changed, writes, version.version, UpdateOutcome(verdict, job.reason, rollout))


def _deployed(
    context: Context, store: Workspace, version: Version, current: Stored[Deployment] | None, policy: Policy
) -> tuple[Deployment, list[Write]]:
    """The version in the place of the champion, or beside it if the policy of now says so."""
    seconds = None if policy.bake_minutes is None else policy.bake_minutes * 60.0
    if policy.canary is None or current is None or current.value.state == "stopped":
        bake = BAKE_SECONDS if seconds is None else seconds
        return serve_version(
            context, store, version, current, by="update", cause="updated", bake_seconds=bake
        )
    from functions.serving.rollouts import canary  # noqa: PLC0415  (few policies have one)

    return canary(
        context,
        store,
        version,
        current,
        policy.canary,
        bake_seconds=seconds,
        approval=policy.approval,
        by="update",
    )


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
