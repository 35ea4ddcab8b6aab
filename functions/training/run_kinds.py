"""Every kind of run that there is, under the type of its job."""

from functions.runs.kind import Kinds, by_job
from functions.training.evaluate_run import EVALUATE
from functions.training.score_run import SCORE
from functions.training.train_run import TRAIN
from functions.training.update_run import UPDATE

RUN_KINDS: Kinds = by_job(TRAIN, EVALUATE, UPDATE, SCORE)
