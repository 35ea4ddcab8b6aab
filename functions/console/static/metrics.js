// The figures of a version: which there are, how each is written, and which way is better.
import { figure, share, t } from "./words.js";

export const METRICS = {
  classification: ["log_loss", "accuracy", "auc", "precision", "recall", "f1", "brier"],
  regression: ["rmse", "mae", "r2", "mean_residual"],
};

const SHARES = ["accuracy", "precision", "recall"];
const LARGER_IS_BETTER = ["accuracy", "auc", "precision", "recall", "f1", "r2"];

export function written(name, value) {
  if (value === null || value === undefined) return "–";
  return SHARES.includes(name) ? share(value) : figure(value);
}

// An interval, in words: a dash would be read as a minus.
export function range(low, high) {
  return t("range", { low, high });
}

// The difference of two values, with its sign; of shares in points.
export function differing(name, before, after) {
  const by = after - before;
  const text = SHARES.includes(name) ? t("points", { value: figure(Math.round(1000 * by) / 10) }) : figure(by);
  return by > 0 ? `+${text}` : text;
}

// What a difference means: "better", "worse", or "same". A mean residual has no better side than nought.
export function side(name, before, after) {
  const [a, b] = name === "mean_residual" ? [Math.abs(before), Math.abs(after)] : [before, after];
  if (a === b) return "same";
  return (b > a) === LARGER_IS_BETTER.includes(name) ? "better" : "worse";
}
