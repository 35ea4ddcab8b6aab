"""Training as pure steps: prepare the numbers, fit in slices, and make a predictor of the fit."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core import preprocess
from lepton_core.drift import profile
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.explain import background
from lepton_core.models import Algorithm, ExplainedByMean, Finds, Fit, Problem, algorithm
from lepton_core.predict import Predictor
from lepton_core.preprocess import DefaultSteps, Labels, Preprocessor
from lepton_core.table import Table
from lepton_core.target import class_names, encode_classes, encode_values, task_of
from lepton_core.weights import row_weights


@dataclass(frozen=True)
class Recipe:
    """A fit to be made: an algorithm with its hyperparameters, on one table with one label.

    ``preprocessor`` None means the default of the data, by the rule ``default_steps``; ``refit`` fits even a fitted
    one to the rows at hand, as cross-validation must; one that learns from labels always is. ``task`` is
    'classification' or 'regression', None what `task_of` finds. ``weight`` is the column that says how much each row
    counts; ``class_weight`` multiplies that by a factor a class (a class that it does not name: 1), or, 'balanced', by
    ``m / (K m_k)`` with the m_k rows of the class among the m.
    """

    algorithm: str
    label: str
    hyperparameters: Mapping[str, Any]
    preprocessor: Preprocessor | None = None
    refit: bool = False
    seed: int = 0
    task: str | None = None
    weight: str | None = None
    class_weight: Mapping[str, float] | Literal["balanced"] | None = None
    default_steps: DefaultSteps = "default-5"

    def task_on(self, table: Table) -> str:
        """The task on ``table``. Errors: `InvalidInput`, see `task_of`."""
        return task_of(table[self.label], self.trainer.tasks, self.task)

    @property
    def trainer(self) -> Algorithm:
        """The algorithm itself."""
        return algorithm(self.algorithm)

    def configure(self) -> Any:
        """The hyperparameters, checked and completed; `InvalidInput` names the wrong one."""
        return self.trainer.configure(self.hyperparameters)


@dataclass(frozen=True)
class Prepared:
    """A table turned into numbers: ``problem`` for the engine, and what turns later rows into the same numbers.

    ``features`` are the training rows of the columns that the preprocessor reads.
    """

    recipe: Recipe
    task: str
    features: Table
    preprocessor: Preprocessor
    classes: tuple[str, ...]
    problem: Problem

    @property
    def note(self) -> str:
        """What the default preprocessor added because the labels called for it, for people."""
        from lepton_core.preprocess.nonlinear import said  # noqa: PLC0415  (no prediction needs it)

        return said(self.preprocessor.steps) if self.recipe.preprocessor is None else ""


def prepare(recipe: Recipe, table: Table, rows: NDArray[np.int64]) -> Prepared:
    """Fit the preprocessor on ``rows``, indices (k,), of ``table`` (unless it is fitted already) and encode them.

    The classes are those of the whole table, so that a rare class outside ``rows`` keeps its place.
    Columns that a fitted preprocessor has never seen are left out.
    Raises `InvalidData` naming the column, and the row of ``table`` where there is one, and `InvalidInput` if there
    is no column besides the label.
    """
    label, task = table[recipe.label], recipe.task_on(table)
    everything = table.without(recipe.label)
    if recipe.weight is not None:
        everything = everything.without(recipe.weight)
    if not everything.columns:
        raise InvalidInput("the table has no column besides the label", field=recipe.label)
    classes = class_names(label) if task == "classification" else None
    target = encode_values(label) if classes is None else encode_classes(label, classes)
    features = everything.take(rows)
    takes = recipe.trainer.inputs
    y = target.y[rows]
    with numbered(rows):
        weighing = table.select([] if recipe.weight is None else [recipe.weight]).take(rows)
        weights = row_weights(weighing, recipe.weight, y, target.classes, recipe.class_weight)
        labels = Labels.of(y, target.classes, weights)
        counted = labels
        if recipe.class_weight is not None:
            counted = Labels.of(
                y, target.classes, row_weights(weighing, recipe.weight, y, target.classes, None)
            )
        fitted = fitted_chain(recipe, features, labels, counted)
        X = fitted.learning_matrix(
            features, labels, seed=recipe.seed, missing=takes.missing, categories=takes.categories
        )
    signs, groups = _constraints(recipe, everything, label.name, fitted, len(target.classes))
    problem = Problem(
        X=X,
        y=y,
        n_classes=len(target.classes),
        seed=recipe.seed,
        weights=weights,
        levels=fitted.levels,
        signs=signs,
        groups=groups,
    )
    known = features.names if fitted.schema is None else fitted.schema.names
    return Prepared(recipe, task, features.select(known), fitted, target.classes, problem)


def fitted_chain(recipe: Recipe, features: Table, labels: Labels, counted: Labels) -> Preprocessor:
    """The preprocessor, fitted; in ``counted`` the weight of a class, which is no number of rows, does not count."""
    chosen, takes = recipe.preprocessor, asdict(recipe.trainer.inputs)
    if chosen is None:
        if recipe.default_steps == "default-1":
            return preprocess.first_default(features, **takes)
        return preprocess.default_preprocessor(features, counted, **takes, edition=recipe.default_steps).fit(
            features
        )
    # What learns from labels must know which rows they are: else a row would be described by its own label.
    again = recipe.refit or chosen.supervised or not chosen.fitted
    fitted = chosen.fit(features, labels, edition=recipe.default_steps) if again else chosen
    return fitted if takes["missing"] or recipe.default_steps == "default-1" else fitted.filled(features)


def _constraints(
    recipe: Recipe, everything: Table, label: str, fitted: Preprocessor, classes: int
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """The signs and the groups of the features, as `Problem` has them."""
    hyper = recipe.configure()
    signs, groups = getattr(hyper, "monotone", None), getattr(hyper, "interactions", None)
    if not signs and not groups:
        return (), ()
    from lepton_core.constraints import check_constraints, of_features  # noqa: PLC0415  (no prediction needs it)

    taken = {label: "the label", **({} if recipe.weight is None else {recipe.weight: "the weight"})}
    kinds = {one.name: one.kind for one in everything.columns}
    check_constraints(recipe.hyperparameters, kinds, taken, classes)
    return of_features(fitted, recipe.hyperparameters, signs or (), groups or ())


@contextmanager
def numbered(rows: NDArray[np.int64]) -> Iterator[None]:
    """An `InvalidData` about the n-th of ``rows`` (k,) becomes one about that row of the table they were taken from.

    >>> with numbered(np.array([4, 9])):
    ...     raise InvalidData("is missing", row=2, column="age")
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 10, column 'age': is missing
    """
    try:
        yield
    except InvalidData as error:
        if error.row is None:
            raise
        raise error.at(int(rows[error.row - 1]) + 1) from error


def start(prepared: Prepared, warm: Predictor | None = None) -> Fit:
    """The fit before its first step, from ``warm``'s weights where they mean the same thing as the new ones would.

    An algorithm that begins anew all the same says so in the note.
    """
    recipe = prepared.recipe
    parameters = warm.parameters if warm is not None and _fits(prepared, warm) else None
    return recipe.trainer.start(prepared.problem, recipe.configure(), parameters)


def warm_starts(prepared: Prepared, warm: Predictor) -> bool:
    """Whether a fit of ``prepared`` begins at ``warm``'s weights: same algorithm, classes and preprocessor.

    And an algorithm that begins anywhere but anew: a tree does not.
    """
    recipe = prepared.recipe
    return _fits(prepared, warm) and recipe.trainer.warm_starts(recipe.configure())


def _fits(prepared: Prepared, warm: Predictor) -> bool:
    return warm.fits(prepared.classes, prepared.preprocessor, prepared.recipe.algorithm)


def advance(prepared: Prepared, fit: Fit, pause: Callable[[Fit], bool]) -> Fit:
    """Train on until the fit is finished or ``pause`` says so; where it pauses changes no bit of the result.

    Errors: `Diverged`.
    """
    recipe = prepared.recipe
    return recipe.trainer.advance(fit, prepared.problem, recipe.configure(), pause)


def found(prepared: Prepared, fit: Fit) -> dict[str, Any]:
    """What a finished fit found by rows that it left out: hyperparameters for a fit on more rows (see `Finds`)."""
    recipe = prepared.recipe
    if not isinstance(recipe.trainer, Finds):
        return {}
    return dict(recipe.trainer.found(fit, prepared.problem, recipe.configure()))


def finish(prepared: Prepared, fit: Fit, *, watched: bool = True) -> Predictor:
    """Preprocessor and weights as one thing to serve, with the profile that monitoring compares against.

    Not ``watched``: the profile has no features, for the predictor will be evaluated and not served.
    """
    recipe = prepared.recipe
    parameters = recipe.trainer.parameters(fit)
    predictions = recipe.trainer.predict(parameters, prepared.problem.X)
    explains = recipe.trainer.explains(recipe.configure())
    by_mean = isinstance(recipe.trainer, ExplainedByMean)
    made = Predictor(
        algorithm=recipe.algorithm,
        task=prepared.task,
        label=recipe.label,
        classes=prepared.classes,
        preprocessor=prepared.preprocessor,
        parameters=parameters,
        reference=profile(_read(prepared) if watched else Table(()), predictions, prepared.classes or None),
        weight=recipe.weight,
        background=background(prepared.problem, parameters, mean=by_mean) if explains else None,
    )
    return made.folding()


def _read(prepared: Prepared) -> Table:
    """The columns that the model is made from: what stands in others is neither read nor watched."""
    reads = prepared.preprocessor.reads
    return prepared.features.select(name for name in prepared.features.names if name in reads)


def train(recipe: Recipe, table: Table, rows: NDArray[np.int64], *, watched: bool = True) -> Predictor:
    """All of it at once on ``rows``, indices (k,): `prepare`, fit to the end, `finish`. Raises what these raise."""
    prepared = prepare(recipe, table, rows)
    fit = advance(prepared, start(prepared), lambda _: False)
    return finish(prepared, fit, watched=watched)
