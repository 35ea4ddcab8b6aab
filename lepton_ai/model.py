"""A model through its life: create, upload, train, evaluate, deploy, predict, monitor, update, retire."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from lepton_ai.card import write_card
from lepton_ai.comparison import VersionComparison
from lepton_ai.data import Data
from lepton_ai.dataset import Dataset
from lepton_ai.errors import Conflict, InvalidInput
from lepton_ai.evaluation import Evaluation, evaluation
from lepton_ai.exporting import exported, file_to_write, in_the_form_of, size_of, write_whole
from lepton_ai.follow import follow_run
from lepton_ai.held_out import held_out
from lepton_ai.labels import Labels, wished
from lepton_ai.predicting import Predicting, Predictor
from lepton_ai.preprocessor import DataPreprocessor
from lepton_ai.progress import say
from lepton_ai.replies import ModelView, read
from lepton_ai.results import Run, Update, Upload, Version, decision, retired
from lepton_ai.rolling_out import Deployed, sticky
from lepton_ai.scoring import ScoredFile, score_file
from lepton_ai.split import Split
from lepton_ai.transport import by_class, plain
from lepton_core.evaluate import Effect


class Model(Deployed, Predicting):
    """The model ``name`` of the platform that the environment names (see `lepton_ai.connect.connect`).

    With ``algorithm`` ('logistic_regression', 'random_forest', ...: see `lepton_ai.algorithms`) the model is created,
    or taken up again if it exists; without, it must exist. ``task`` is 'classification' or 'regression', where the
    algorithm can do both; left out, the label of the first version decides: text and few whole numbers are classes.
    Its data set has the same name unless ``dataset`` names another.
    Long work shows its progress on stderr, and each step says its result there in one line:
    ``announce=False`` leaves the results out, ``quiet=True`` both.

    Errors: ``Conflict`` if it exists with another algorithm or task, ``NotFound`` if it does not exist and no
    algorithm is given, ``InvalidInput`` for a name, algorithm or task that cannot be.
    """

    def upload_data(self, data: Data, *, append: bool = False) -> Upload:
        """Upload ``data`` as the next version of the data set, and wait until it is accepted.

        With ``append`` its rows are joined to those of the newest version, see `Dataset.upload`.

        The ``report`` of the answer says what is to know of the data before training; its warnings are said on stderr.
        A version that moved too far from the one before is ``held``: no model is trained on it by itself.

        Errors: ``InvalidData`` naming row and column, ``TooLarge``; nothing is changed then.
        """
        if not isinstance(data, Data):
            raise InvalidInput(f"needs Data (see Data.from_csv), not {type(data).__name__}", field="data")
        done = Dataset(self.dataset, transport=self._transport).upload(data, append=append, quiet=self._quiet)
        say(str(done), quiet=self._silent)
        if done.report is not None and done.report.short():
            say(done.report.short(), quiet=self._silent)
        return done

    def upload_preprocessor(self, preprocessor: DataPreprocessor) -> None:
        """Give the model a preprocessor; every version trained from now on is trained and served with it."""
        if not isinstance(preprocessor, DataPreprocessor):
            raise InvalidInput(
                f"needs a DataPreprocessor, not {type(preprocessor).__name__}", field="preprocessor"
            )
        body = {"preprocessor": preprocessor.as_dict()}
        self._view = read(self._transport.call("PUT", f"{self._path}/preprocessor", body=body), ModelView)

    def set_policy(
        self,
        update: str = "auto",
        tolerance: float = 0.0,
        least_interval: float = 0.0,
        held: str = "wait",
        margin: float | None = None,
        *,
        canary: float | None = None,
        bake_minutes: float | None = None,
        approval: bool = False,
    ) -> None:
        """Say when the model is updated by itself, how much worse a challenger may be, and how it is deployed.

        ``update``: 'auto' (as soon as there is new data) or 'manual'. ``margin`` is a share of the champion's held-out
        loss, ``tolerance`` is in the unit of that loss, and the larger one counts. ``least_interval`` are the seconds
        that lie at least between a version and the next one that comes by itself. ``held`` is what is done about data
        that moved too far from what was there before: 'wait' until somebody releases it, or 'train'.

        With ``canary`` a challenger that wins gets this share of the calls first. It is watched for ``bake_minutes``,
        and may need an ``approval``, as in `deploy`. The next update that comes by itself waits for its end. What is
        left out gets its default.
        """
        body: dict[str, Any] = {"update": update, "tolerance": tolerance, "least_interval": least_interval}
        if held != "wait":
            body["held"] = held
        if margin is not None:
            body["margin"] = margin
        rollout = {"canary": canary, "bake_minutes": bake_minutes, "approval": approval or None}
        body |= {name: value for name, value in rollout.items() if value is not None}
        self._view = read(self._transport.call("PUT", f"{self._path}/policy", body=plain(body)), ModelView)

    def train(
        self,
        iterations: int | None = None,
        learning_rate: float | None = None,
        *,
        dataset_version: int | None = None,
        warm_start: bool = False,
        weight: str | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        split: Split | None = None,
        seed: int = 0,
        auto: bool | str = False,
        trials: int | None = None,
        seconds: float | None = None,
        members: int | None = None,
        megabytes: float | None = None,
        milliseconds: float | None = None,
        refit: bool | None = None,
        calibrate: bool | None = None,
        uncertainty: bool | None = None,
        deploy: bool = False,
        **hyperparameters: Any,
    ) -> Version:
        """Train a new version on the newest data (or ``dataset_version``), and wait for it.

        What is left out takes its default; ``hyperparameters`` are the algorithm's own (l1, optimizer, schedule ...).
        ``warm_start`` begins at the champion's weights.

        ``weight`` names the column that says how much each row counts; it is no feature then. ``class_weight`` is a
        factor for each class, or 'balanced'. ``split`` says which rows are held out. With ``refit`` what serves is
        fitted a second time, on all rows; left out: of at most 100,000. Updates keep all four.

        ``auto=True`` searches all algorithms, ``trials`` candidates (default: 20) or what ``seconds`` allow, and blends
        at most ``members`` (default: 5) that together take at most about so many ``megabytes``, and ``milliseconds``
        for a row. 'algorithm': the best alone; 'hyperparameters': only those of its own.

        ``calibrate`` has probabilities come true as often as they say, where rows out of fold show that it helps;
        ``uncertainty`` lets `predict` give intervals and sets. Five more fits learn both; a search has them anyway, so
        ``auto=True`` does both if nothing is said. Updates keep them.

        With ``deploy`` the version serves as soon as it is there, whatever served before, even if nobody waits for it.

        Errors: ``Diverged`` if the learning rate is too large, ``InvalidInput`` naming a wrong
        hyperparameter. No version exists then. A run of this model that is still under way is waited for first, whoever
        began it (see `cancel`).
        """
        body = {
            "iterations": iterations,
            "learning_rate": learning_rate,
            "hyperparameters": hyperparameters,
            "dataset_version": dataset_version,
            "warm_start": warm_start,
            "seed": seed,
        }
        more: dict[str, Any] = {"auto": auto or None, "trials": trials, "seconds": seconds}
        more |= {"megabytes": megabytes, "milliseconds": milliseconds}
        more |= {"members": members, "refit": refit, "weight": weight}
        more |= {"calibrate": calibrate, "uncertainty": uncertainty, "deploy": deploy or None}
        more |= {"class_weight": by_class(class_weight), "split": split and split.asked()}
        body |= {name: value for name, value in more.items() if value is not None}
        run = self._run("train", body)
        version = msgspec.structs.replace(
            self._version(run.version),
            leaderboard=run.leaderboard,
            held_out=held_out(self._report(run.version)),
        )
        held = Dataset(version.dataset, transport=self._transport).said_if_held(version.dataset_version)
        if held:
            say(held, quiet=self._silent)
        say(version.summary(), quiet=self._silent)
        if deploy:
            self._say_deployed(run)
        return version

    def _say_deployed(self, run: Run) -> None:
        why = run.outcome.get("reason")
        if run.outcome.get("deployed"):
            say("; ".join(filter(None, [str(self.deployment), why])), quiet=self._silent)
        else:
            say(f"not deployed: {why}", quiet=self._silent)

    def evaluate(self, folds: int = 5, version: int | None = None, *, seed: int = 0) -> Evaluation:
        """Cross-validate the model, and evaluate ``version`` (default: the newest) on its held-out rows.

        With K = ``folds``, CV = 1/K sum of the K fold losses, each on the fold that was held out. The importance
        of a column is by how much the held-out loss grows when its values are dealt to other rows.
        """
        # Its parts: the folds, the rows that the version held out, and the importance of its columns.
        body = {"folds": folds, "version": version, "seed": seed}
        run = self._run("evaluate", body, parts=folds + 2 if isinstance(folds, int) else 0)
        report: dict[str, Any] = {}
        evaluated = run.version if version is None else version
        if evaluated is not None:
            report = self._report(evaluated)
        return evaluation(self._name, evaluated, run.outcome, report)

    def card(self, path: str | Path, version: int | None = None) -> Path:
        """Write the card of ``version`` (default: the newest) into the file ``path``: one page of HTML to be printed.

        It says what the version is made of, how good it is on the rows held out, whether that is good enough, and where
        it is wrong. What each column is worth is on it once the version was evaluated. Errors: ``Conflict`` if there
        is no version yet, ``InvalidInput`` (field 'path') if the file cannot be written.
        """
        chosen = self._refresh().latest if version is None else version
        if chosen == 0 and version is None:
            raise Conflict(f"model {self._name!r} has no version yet; train it first")
        return write_card(self._transport, self._name, chosen, path)

    def export(self, path: str | Path, version: int | None = None) -> Path:
        """Write ``version`` (default: the newest) into the file ``path``, with which `lepton_ai.load` predicts alone.

        It holds what answers, its preprocessor and its card, and no code. A path that ends in ``.onnx`` becomes a file
        of ONNX instead, for other programs (``pip install 'lepton-ai[onnx]'``). Its size is said on stderr. Errors:
        ``Conflict`` if there is no version yet, ``InvalidInput`` (field 'path') if the file cannot be written, or names
        what has no form in ONNX; what was there stays then.
        """
        target = file_to_write(path)
        chosen = self._refresh().latest if version is None else version
        if chosen == 0 and version is None:
            raise Conflict(f"model {self._name!r} has no version yet; train it first")
        data = in_the_form_of(target, exported(self._transport, self._name, chosen))
        write_whole(target, data)
        say(f"version {chosen} of {self._name} written to {target}: {size_of(len(data))}", quiet=self._silent)
        return target

    def predict_file(
        self,
        path: str | Path,
        out: str | Path,
        *,
        version: int | None = None,
        overwrite: bool = False,
    ) -> ScoredFile:
        """Predict each row of the file ``path``, and write ``out``: its columns, and the predictions beside them.

        The platform reads the file, of any form that `predict` takes, and scores it in parts. The result has
        its form, or is CSV where that cannot be written. A row that cannot be read has an ``error`` and loses no other.
        ``version`` left out: the one that serves, and no canary beside it.

        Errors: ``InvalidInput`` (field 'path') if ``out`` is there, unless ``overwrite`` is said, or cannot be written;
        ``InvalidData`` for a file that cannot be read or has none of the model's columns; ``NotFound`` if the model is
        not deployed. Nothing is written then.
        """
        found = score_file(
            self._transport, self._name, path, out, version, overwrite=overwrite, quiet=self._quiet
        )
        say(str(found), quiet=self._silent)
        return found

    def set_threshold(
        self,
        threshold: float | None = None,
        *,
        recall: float | None = None,
        precision: float | None = None,
        costs: Mapping[Any, float] | None = None,
        label: Any = None,
        version: int | None = None,
    ) -> Labels:
        """Say what makes the labels of ``version`` (default: the newest); a deployed one labels so at once.

        Of two classes, the label is ``label`` (default: the rarer one) from a probability on: the ``threshold``, or one
        that is chosen on the held-out rows. ``recall=0.9``: the highest that finds nine of ten; ``precision=0.8``: the
        lowest of whose alarms four of five are right. ``costs={"fraud": 50}`` is what it costs to miss each class (1,
        if it is not named), of any number of classes. Nothing: the label is the most probable class again. The
        probabilities stay as they are. Updates choose anew, by the same wish.

        Errors: ``InvalidInput`` for a wish that cannot be reached, which says the best that can be.
        """
        body = wished(threshold, recall, precision, costs, label)
        wanted = self._refresh().latest if version is None else version
        if wanted == 0 and version is None:
            raise Conflict(f"model {self._name!r} has no version yet; train it first")
        method, path = ("PUT" if body else "DELETE"), f"{self._path}/versions/{wanted}/threshold"
        found = read(self._transport.call(method, path, body=body), Labels)
        say(str(found), quiet=self._silent)
        return found

    def compare(self, version: int, earlier: int) -> VersionComparison:
        """Whether ``version`` is better than an ``earlier`` one, by the rows that the newer data hold out.

        It is the test of an update, row by row; ``beside`` of the answer is None where there are no such rows, and its
        ``sentence`` says why.
        """
        path = f"{self._path}/versions/{version}/compare/{earlier}"
        return read(self._transport.call("GET", path), VersionComparison)

    def effect(self, column: str, version: int | None = None) -> Effect:
        """What ``version`` (default: the newest) says on average, where ``column`` has one value in every row.

        All other columns stay as they are. Errors: ``InvalidInput`` (field 'column') for one that it does not read.
        """
        chosen = self._refresh().latest if version is None else version
        if chosen == 0 and version is None:
            raise Conflict(f"model {self._name!r} has no version yet; train it first")
        path = f"{self._path}/versions/{chosen}/effect"
        return read(self._transport.call("GET", path, query={"column": column}), Effect)

    def _predictor(self, entity: str | None) -> Predictor:
        asks = partial(sticky, self._transport, entity)
        return Predictor(asks, self._name, self.kept_reading, quiet=self._silent)

    def update(self, iterations: int | None = None, learning_rate: float | None = None) -> Update:
        """Train a challenger from the champion's weights, and deploy it if held-out rows show that it is not worse.

        A run of this model that is still under way is waited for first. An update that began by itself may be the
        answer; if that makes way for somebody else's call, it is asked for again. With nothing new since the last
        update nothing is trained: the answer is that update, with ``nothing_new``. Errors: ``Conflict`` if there is
        nothing to update from.
        """
        run = self._run("update", {"iterations": iterations, "learning_rate": learning_rate})
        decided = decision(run, self._version(run.version).dataset_version if run.nothing_new else None)
        say(str(decided), quiet=self._silent)
        return decided

    def retire(self) -> None:
        """Stop serving the model for good; its versions stay readable, and its name stays taken."""
        self._view = read(self._transport.call("POST", f"{self._path}/retire"), ModelView)
        say(retired(self._name), quiet=self._silent)

    def cancel(self, run: str | None = None) -> Run | None:
        """End the run ``run`` (default: the one under way that makes the next version); no version comes of it.

        Returns the run as it is then; None if no run is under way. A run that is finished stays as it is. A run that
        was cancelled can be resumed (see `resume`) until its ``resumable_until``.
        """
        wanted = self._refresh().run if run is None else run
        if wanted is None:
            return None
        path = f"/v1/runs/{quote(wanted, safe='')}/cancel"
        return read(self._transport.call("POST", path), Run)

    def resume(self, run: str | None = None) -> Run:
        """Let the cancelled run ``run`` (default: the newest that can) go on with all that it has done; wait for it.

        It ends as if it had never been cancelled, and is returned as it is then. One that is under way is waited for.

        Errors: ``NotFound`` if no run can be resumed; ``Conflict`` if ``run`` cannot, because its results are gone, the
        model has changed, or another run of it is under way; and those of `train`.
        """
        wanted = self._resumable() if run is None else run
        answer = self._transport.call("POST", f"/v1/runs/{quote(wanted, safe='')}/resume")
        done = follow_run(self._transport, read(answer, Run), quiet=self._quiet)
        if done.version is not None:
            say(self._version(done.version).summary(), quiet=self._silent)
        return done
