"""What a model is on its platform as of now, and how its runs are asked for."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import msgspec

from lepton_ai.connect import connect
from lepton_ai.errors import Conflict, InvalidInput, LeptonError, NotFound, Unavailable
from lepton_ai.follow import ending, follow_asked, follow_run
from lepton_ai.progress import say
from lepton_ai.replies import ModelView, read
from lepton_ai.results import Run, Version
from lepton_ai.served import Deployment
from lepton_ai.transport import Transport, checked_name, pages, plain
from lepton_core.table import ReadingOptions

if TYPE_CHECKING:
    from lepton_ai.follow_rollout import Following


class Handle:
    """The model ``name`` as the platform has it, which its steps go to.

    Errors: those of `lepton_ai.model.Model`.
    """

    def __init__(
        self,
        algorithm: str | None = None,
        name: str = "",
        *,
        task: str | None = None,
        dataset: str | None = None,
        quiet: bool = False,
        announce: bool = True,
        transport: Transport | None = None,
    ) -> None:
        self._quiet = quiet
        self._silent = quiet or not announce
        self._name = checked_name(name)
        self._transport = connect() if transport is None else transport
        self._path = f"/v1/models/{quote(name, safe='')}"
        if algorithm is None:
            if task is not None:
                raise InvalidInput("goes with an algorithm, when the model is created", field="task")
            self._view = self._existing()
        else:
            wanted = {"name": name, "algorithm": algorithm}
            if task is not None:
                wanted["task"] = task
            if dataset is not None:
                wanted["dataset"] = checked_name(dataset, "dataset")
            self._view = read(self._transport.call("POST", "/v1/models", body=wanted), ModelView)

    @classmethod
    def import_(
        cls,
        path: str | Path,
        name: str | None = None,
        *,
        dataset: str | None = None,
        quiet: bool = False,
        announce: bool = True,
        transport: Transport | None = None,
    ) -> Self:
        """Take in the version in the file ``path``, which `Model.export` wrote, and return its model.

        The model is called ``name``, or as it was on the platform that the file comes from. One that does not exist is
        created, and learns from ``dataset``, or one of its own name, once somebody uploads data; otherwise the version
        is its next one, unless it has that already. It is deployed, predicts the same and is exported as any other is.
        What takes the data that it learnt from, such as an evaluation anew, is refused.

        Errors: ``InvalidArtifact`` for a file that holds no such version, ``NewerFormat`` for one of a newer Lepton,
        ``Conflict`` if the model is retired, or learns another task.
        """
        from lepton_ai.importing import take_in  # noqa: PLC0415  (few callers import)

        chosen = connect() if transport is None else transport
        done, head = take_in(chosen, path, name, dataset, quiet=quiet)
        say(done.said(head), quiet=quiet or not announce)
        return cls(name=done.model, quiet=quiet, announce=announce, transport=chosen)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def algorithm(self) -> str:
        """The name of the algorithm that it learns with."""
        return self._view.algorithm

    @property
    def task(self) -> str | None:
        """'classification' or 'regression', as of now; None before its first version if nobody said which."""
        return self._view.task or self._refresh().task

    @property
    def dataset(self) -> str:
        """The data set that it learns from, by the name that it has now."""
        return self._refresh().dataset

    @property
    def state(self) -> str:
        """'active' or 'retired', as of now."""
        return self._refresh().state

    @property
    def champion(self) -> int | None:
        """The version that is deployed, as of now."""
        return self._refresh().champion

    @property
    def policy(self) -> dict[str, Any]:
        """What `set_policy` has set, by the names of its arguments, as of now."""
        return dict(self._refresh().policy)

    @property
    def deployment(self) -> Deployment | None:
        """The deployment that is served, as of now; None if the model was never deployed."""
        try:
            answer = self._transport.call("GET", f"{self._path}/deployment")
        except NotFound:
            return None
        return self._deployment(answer)

    def __repr__(self) -> str:
        return f"<Model {self._name!r}: {self.algorithm}, at {self._transport.address}>"

    def kept_reading(self) -> ReadingOptions:
        """What was said of how files of the data set are read; without data, of those that an import learnt from."""
        from lepton_ai.dataset import Dataset  # noqa: PLC0415  (few commands read a file)

        said = Dataset(self.dataset, transport=self._transport).kept_reading()
        came = self._version(self._view.champion).imported if self._view.champion and not said.said else None
        return said if came is None else came.reading

    def versions(self) -> list[Version]:
        """All trained versions, the oldest first."""
        return [read(item, Version) for item in pages(self._transport, f"{self._path}/versions")]

    def runs(self, limit: int = 100) -> list[Run]:
        """The newest ``limit`` runs of this model, the newest first."""
        asked = {"model": self._name, "limit": str(max(1, min(limit, 1000)))}
        found = (read(item, Run) for item in pages(self._transport, "/v1/runs", asked))
        return list(islice(found, max(0, limit)))

    def follow(self, run: str) -> Run:
        """Wait for the run with this id, showing its progress."""
        path = f"/v1/runs/{quote(run, safe='')}"
        return follow_run(self._transport, read(self._transport.call("GET", path), Run), quiet=self._quiet)

    def follow_deployment(self) -> Deployment:
        """Wait until the version that is deployed is watched no more, showing its calls, and those of the one before.

        ``ended`` of the answer says how it went, also if that was before. An interrupt leaves the deployment as it is.
        Errors: ``NotFound`` if the model was never deployed.
        """
        now = self.deployment
        if now is None:
            raise NotFound(f"model {self._name!r} is not deployed", field="model")
        done = self._following().to_its_end(now)
        say(str(done), quiet=self._silent)
        return done

    def _following(self) -> "Following":
        from lepton_ai.follow_rollout import Following  # noqa: PLC0415  (few callers wait for one)
        from lepton_ai.stages import stages  # noqa: PLC0415

        shown = stages(f"deploying {self._name}", quiet=self._quiet)
        return Following(self._transport, self._name, self._path, shown, quiet=self._quiet)

    def _resumable(self) -> str:
        """The newest run of this model that was cancelled and can be resumed. Errors: ``NotFound``."""
        asked = {"model": self._name, "state": "cancelled", "points": "0"}
        for item in pages(self._transport, "/v1/runs", asked):
            if item.get("resumable_until") is not None:
                return str(item["id"])
        raise NotFound(f"no cancelled run of model {self._name!r} can be resumed", field="run")

    def _existing(self) -> ModelView:
        try:
            return read(self._transport.call("GET", self._path), ModelView)
        except NotFound:
            raise NotFound(f"no model {self._name!r}; give an algorithm to create it", field="name") from None

    def _refresh(self) -> ModelView:
        self._view = self._existing()
        return self._view

    def _run(self, step: str, body: dict[str, Any], *, parts: int = 0) -> Run:
        given = plain(body)
        return follow_asked(self._transport, lambda: self._begun(step, given), quiet=self._quiet, parts=parts)

    def _begun(self, step: str, body: dict[str, Any]) -> Run:
        """Ask for a run, after one of this model that is under way: a script that was killed can be run again."""
        ended_meanwhile = False
        while True:
            try:
                return read(self._transport.call("POST", f"{self._path}/{step}", body=body, once=True), Run)
            except Conflict:
                before = self._refresh().run
                if before is None and ended_meanwhile:
                    raise
            ended_meanwhile = before is None
            if before is not None:
                self._outlast(before)

    def _outlast(self, run: str) -> None:
        say(
            f"waiting for {run} of {self._name}, which is still under way; {ending(self._name)}",
            quiet=self._quiet,
        )
        try:
            self.follow(run)
        except (KeyboardInterrupt, Unavailable):
            raise
        except LeptonError as error:
            say(f"{run} came to nothing: {error}", quiet=self._quiet)

    def _version(self, number: int | None) -> Version:
        return read(self._transport.call("GET", f"{self._path}/versions/{number}"), Version)

    def _report(self, number: int | None) -> dict[str, Any]:
        found: dict[str, Any] = self._transport.call("GET", f"{self._path}/versions/{number}/evaluation")
        return found

    def _deployment(self, answer: Any) -> Deployment:
        found, base = read(answer, Deployment), self._transport.url
        url = None if base is None else base + found.path
        return msgspec.structs.replace(found, address=self._transport.address, url=url)
