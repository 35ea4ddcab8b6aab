"""Support vector machines, for classes and for values: linear ones, and kernels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lepton_core.errors import InvalidInput
from lepton_core.matrix import Matrix
from lepton_core.models import linear
from lepton_core.models.algorithm import Array, Explanation, Fit, Inputs, Problem
from lepton_core.models.calibrate import probabilities
from lepton_core.models.hyper import checked
from lepton_core.models.kernel import hyper as settings
from lepton_core.models.kernel import part_by_part
from lepton_core.models.kernel.check import check_kernel, check_linear
from lepton_core.models.kernel.hyper import SvmHyper
from lepton_core.models.kernel.predict import kernel_scores
from lepton_core.models.learners import kernel_machine

_DEFAULTS = SvmHyper()


@dataclass(frozen=True)
class Svm:
    """Minimises ``1/2 |w|^2 + C sum_i s_i cost_i`` over scores ``z = x w + b``, whose intercept costs nothing.

    ``s`` are the rows' weights, 1 unless said. For classes ``cost = max(0, 1 - t z)``
    (``loss='hinge'``) or its square (``'squared_hinge'``), ``t`` +1 for the class and -1 for the others; of more than
    two classes each has its own score, trained against all others. For values ``cost = max(0, |z - y| - epsilon)`` or
    its square. These are the objectives of scikit-learn's SVC and SVR, and of LinearSVC and LinearSVR but for the
    intercept, which those penalise. The curve of the losses shows the objective divided by ``C sum_i s_i``.

    A kernel puts other features in the place of x; of more than two classes it then has a score a pair of them,
    and a class's score is the number of pairs it wins, as in SVC.

    Probabilities: each class's score f becomes ``1 / (1 + e^-(slope f + offset))`` by Platt's sigmoid, of more than
    two classes divided by their sum, as in CalibratedClassifierCV(ensemble=False). (One temperature for all scores
    would suppose that scores trained apart have one scale.) It is fitted to scores from models of five folds that
    did not see the row; they are trained in the same iterations, a kernel's in five more. A class that no row
    outside of a fold has is scored by the final model there. Within each class the probability never falls as the
    score rises, but the threshold may move: two classes are told apart at ``f = -offset / slope`` and not at 0, so
    that near it the more probable class can differ from the sign of the score, as in scikit-learn.
    """

    name: str = "svm"
    tasks: frozenset[str] = frozenset({"classification", "regression"})
    inputs: Inputs = Inputs()  # noqa: RUF009  (frozen)
    defaults: SvmHyper = _DEFAULTS

    def configure(self, given: Mapping[str, Any]) -> SvmHyper:
        """See `Algorithm`."""
        return checked(self.defaults, given, settings.check)

    def start(self, problem: Problem, hyper: SvmHyper, warm: Mapping[str, NDArray[Any]] | None = None) -> Fit:
        """See `Algorithm`. A kernel goes on from nothing; nor does a linear machine from one with a kernel."""
        if hyper.kernel != "linear":
            return kernel_machine.start(problem, hyper, warm)
        return part_by_part.start(problem, hyper, None if warm is not None and "support" in warm else warm)

    def warm_starts(self, hyper: SvmHyper) -> bool:
        """See `Algorithm`: a linear machine does, one with a kernel does not."""
        return hyper.kernel == "linear"

    def advance(self, fit: Fit, problem: Problem, hyper: SvmHyper, pause: Callable[[Fit], bool]) -> Fit:
        """See `Algorithm`."""
        if hyper.kernel != "linear":
            return kernel_machine.advance(fit, problem, hyper, pause)
        return part_by_part.advance(fit, problem, hyper, pause)

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`, `lepton_core.models.kernel.arrays` and `part_by_part.parameters`."""
        return kernel_machine.parameters(fit) if "support" in fit.arrays else part_by_part.parameters(fit)

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """See `Algorithm`."""
        if "support" in parameters:
            check_kernel(parameters, n_features, n_classes)
        else:
            check_linear(parameters, n_features, n_classes)

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """See `Algorithm`. A row is too large if its score overflows."""
        made = self.scores(parameters, X)
        if "slope" not in parameters:
            return made
        return probabilities(made, parameters["slope"], parameters["offset"])

    @property
    def keeps_stages(self) -> bool:
        """See `Staged`: weights are changed."""
        return False

    def staged(self, fit: Fit, X: Matrix, iterations: Sequence[int]) -> list[Array]:
        """See `Staged`: a linear machine for values. Classes have probabilities at the end only, and so has a kernel
        its model."""
        if "slope" in fit.arrays or "support" in fit.arrays:
            return []
        return [self.predict(self.parameters(fit), X)]

    def scores(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """The scores ``(m,)``, or ``(m, K)`` for K > 2 classes, of ``X`` ``(m, n)``: scikit-learn's decision function.

        Raises `InvalidData` naming a row that is too large for the model.
        """
        if "support" in parameters:
            n_classes = len(parameters["counts"]) if "slope" in parameters else 0
            made = kernel_scores(parameters, X, n_classes)
            return made[:, 0] if made.shape[1] == 1 else made
        return linear.scores(parameters, X)

    def explains(self, hyper: SvmHyper) -> bool:
        """See `Algorithm`."""
        return hyper.kernel == "linear"

    @property
    def explained_by_mean(self) -> bool:
        """See `ExplainedByMean`."""
        return True

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """See `Algorithm`. Of a linear score the Shapley values are ``w_j (x_j - mean_j)``."""
        if "support" in parameters:
            raise InvalidInput(
                "svm with a kernel has no exact contributions; permutation importance in `evaluate` works for every "
                "algorithm",
                field="explain",
            )
        return linear.explain(parameters, X, background, "score" if "slope" in parameters else "value")


ALGORITHM = Svm()
