"""Models of which the truth is known: what `verdicts` judges is drawn here, and nothing of Lepton has a part in it.

The data are drawn, the models are scikit-learn's, and SciPy's paired test of the same losses is the reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]

Promotes = Callable[[Floats, Floats], bool]
"""Whether a challenger is promoted, by the losses (m,) of the champion and of itself."""

LEARNERS: dict[str, Callable[[int], Any]] = {
    "logistic": lambda seed: LogisticRegression(),
    "forest": lambda seed: RandomForestClassifier(40, min_samples_leaf=10, random_state=seed),
    "boosting": lambda seed: HistGradientBoostingClassifier(max_iter=40, random_state=seed),
}

POPULATION, TRAINED_ON, COLUMNS, MODELS = 60_000, 1500, 8, 8
ROWS = (60, 200, 2000)
MARGIN, BETTER, UPDATES, CHAINS = 0.02, 0.97, 10, 20


@dataclass(frozen=True)
class World:
    """Many labelled rows, and the scores (log-odds) that models of one learner give them, one line a model."""

    y: NDArray[np.bool_]
    scores: Floats

    def losses(self, scores: Floats) -> Floats:
        """The log loss of each row, (m,)."""
        return np.logaddexp(0.0, np.where(self.y, -scores, scores))

    def at(self, loss: float, model: int, *, bold: bool) -> Floats:
        """The scores of a ``model``, stretched or shrunk until its true mean loss is ``loss``.

        There are two such factors: one makes it too timid, the other one too ``bold``.
        """
        scores = self.scores[model]

        def excess(factor: float) -> float:
            return float(self.losses(factor * scores).mean()) - loss

        best = optimize.minimize_scalar(excess, bounds=(0.01, 8.0), method="bounded").x
        return scores * optimize.brentq(excess, *((best, 60.0) if bold else (0.0, best)))


def drawn(rng: np.random.Generator, rows: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Rows of eight numbers, and a label that depends on all of them, on two together and on chance."""
    X = rng.normal(size=(rows, COLUMNS))
    odds = 2.5 * X[:, 0] - 1.5 * X[:, 1] + X[:, 2:].sum(axis=1) / 2 + X[:, 3] * X[:, 4]
    return X, rng.random(rows) < 1 / (1 + np.exp(-odds))


def world(learner: str, models: int = MODELS, seed: int = 0) -> World:
    """Some models of a learner, each trained on rows of its own."""
    rng = np.random.default_rng(seed)
    X, y = drawn(rng, POPULATION)
    scores = []
    for model in range(models):
        fitted = LEARNERS[learner](model).fit(*drawn(rng, TRAINED_ON))
        p = np.clip(fitted.predict_proba(X)[:, 1], 1e-4, 1 - 1e-4)
        scores.append(np.log(p / (1 - p)))
    return World(y, np.stack(scores))


def reference(champion: Floats, challenger: Floats) -> bool:
    """Whether SciPy's paired test of 2.5 % on one side shows that the challenger is not worse by the margin."""
    allowed = MARGIN * champion.mean()
    low = stats.ttest_rel(champion, challenger, alternative="two-sided").confidence_interval(0.95).low
    return bool(low >= -allowed)


@dataclass(frozen=True)
class Promoted:
    """The shares of challengers that are promoted: by what ``promotes``, by the reference, and by the bare losses."""

    verdict: float
    reference: float
    bare: float


def nulls(of: World, rows: int, count: int, promotes: Promotes, seed: int = 0) -> Promoted:
    """The promotions among ``count`` challengers that are in truth worse by just the margin, of so many ``rows``."""
    rng = np.random.default_rng(seed)
    loss = 1.05 * max(float(of.losses(scores).mean()) for scores in of.scores)
    made = {
        (model, bold, share): of.losses(of.at(share * loss, model, bold=bold))
        for model in range(len(of.scores))
        for bold in (False, True)
        for share in (1.0, 1.0 + MARGIN)
    }
    promoted = np.zeros(3)
    for _ in range(count):
        models, bold = rng.choice(len(of.scores), 2, replace=False).tolist(), (rng.random(2) < 0.5).tolist()
        held_out = rng.choice(len(of.y), rows, replace=False)
        champion = made[models[0], bold[0], 1.0][held_out]
        challenger = made[models[1], bold[1], 1.0 + MARGIN][held_out]
        promoted += [
            promotes(champion, challenger),
            reference(champion, challenger),
            challenger.mean() <= champion.mean(),
        ]
    return Promoted(*(promoted / count).tolist())


def updates(
    of: World, rows: int, chains: int, promotes: Promotes, seed: int = 0
) -> tuple[float, list[float]]:
    """The share of promotions among challengers that are 3 % better than their champion, in all and by the update.

    In each chain the same ``rows`` are held out ten times, and a challenger that is promoted is the next champion.
    """
    rng = np.random.default_rng(seed)
    best = max(float(of.losses(scores).mean()) for scores in of.scores)
    promoted = np.zeros((chains, UPDATES))
    for chain in range(chains):
        held_out = rng.choice(len(of.y), rows, replace=False)
        loss, model = best / BETTER**UPDATES, 0
        champion = of.losses(of.at(loss, model, bold=False))
        for update in range(UPDATES):
            other = int(rng.choice([k for k in range(len(of.scores)) if k != model]))
            challenger = of.losses(of.at(BETTER * loss, other, bold=False))
            if promotes(champion[held_out], challenger[held_out]):
                promoted[chain, update] = 1
                champion, loss, model = challenger, BETTER * loss, other
    return float(promoted.mean()), promoted.mean(axis=0).tolist()
