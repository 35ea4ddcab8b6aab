"""How good predictions are: folds, metrics, and the reports that put the metrics together."""

from lepton_core.evaluate.calibration import (
    Calibration,
    brier_score,
    calibration_curve,
    calibration_error,
)
from lepton_core.evaluate.classification import (
    ClassScores,
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_f1,
)
from lepton_core.evaluate.folds import (
    CrossValidation,
    FoldResult,
    cross_validation_loss,
    folds,
    group_folds,
    time_folds,
)
from lepton_core.evaluate.importance import (
    Importance,
    PermutationImportance,
    importance_of,
    permutation_importance,
    permutations,
)
from lepton_core.evaluate.regression import (
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from lepton_core.evaluate.report import (
    Areas,
    BaselineComparison,
    Calibrated,
    Calibrator,
    ClassificationReport,
    Coverage,
    Hits,
    OneClass,
    PairedTest,
    RegressionReport,
    classification_report,
    regression_report,
)
from lepton_core.evaluate.roc import Roc, auc, roc_auc, roc_curve

__all__ = [
    "Areas",
    "BaselineComparison",
    "Calibrated",
    "Calibration",
    "Calibrator",
    "ClassScores",
    "ClassificationReport",
    "Coverage",
    "CrossValidation",
    "FoldResult",
    "Hits",
    "Importance",
    "OneClass",
    "PairedTest",
    "PermutationImportance",
    "RegressionReport",
    "Roc",
    "accuracy_score",
    "auc",
    "brier_score",
    "calibration_curve",
    "calibration_error",
    "classification_report",
    "confusion_matrix",
    "cross_validation_loss",
    "folds",
    "group_folds",
    "importance_of",
    "log_loss",
    "mean_absolute_error",
    "permutation_importance",
    "permutations",
    "precision_recall_f1",
    "r2_score",
    "regression_report",
    "roc_auc",
    "roc_curve",
    "root_mean_squared_error",
    "time_folds",
]
