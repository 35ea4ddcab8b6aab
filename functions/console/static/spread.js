// How the values of a column are spread: the bars of its report, and those of two versions over one scale.
import { language, figure, t } from "./words.js";

const BARS = 16;

// A quantity of a column, as its kind has it: dates are seconds since 1970.
export function valueOf(kind, number) {
  if (number === null || number === undefined) return "–";
  if (kind !== "date") return figure(number);
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(number * 1000));
}

const between = (kind, low, high) => t("chart.from-to", { low: valueOf(kind, low), high: valueOf(kind, high) });

// { labels, counts, edges } of a column of a report; null where there is nothing to draw.
export function spreadOf(column) {
  const drawing = column.drawing;
  if (column.kind === "boolean" && column.top.length) return { labels: column.top.map((one) => one.text), counts: column.top.map((one) => one.rows), edges: [] };
  if (!drawing || !drawing.counts.length) return null;
  const edges = drawing.edges || [];
  const labels = edges.length ? drawing.counts.map((_, at) => between(column.kind, edges[at], edges[at + 1])) : [...drawing.labels];
  const counts = [...drawing.counts];
  if (drawing.others > 0) {
    labels.push(t("spread.others"));
    counts.push(drawing.others);
  }
  return { labels, counts, edges };
}

// The rows of `spread` that fall between `low` and `high`, where each bar is even.
function within(spread, low, high) {
  let sum = 0;
  spread.counts.forEach((count, at) => {
    const [left, right] = [spread.edges[at], spread.edges[at + 1]];
    if (right > left) sum += (count * Math.max(0, Math.min(right, high) - Math.max(left, low))) / (right - left);
    else if (left >= low && (left < high || high === spread.edges[spread.edges.length - 1])) sum += count;
  });
  return sum;
}

const shares = (counts) => {
  const whole = counts.reduce((sum, one) => sum + one, 0) || 1;
  return counts.map((one) => one / whole);
};

// Two columns of the same kind over the same bars, as shares of the rows of each: { labels, before, now }; null where they cannot be.
export function together(before, now) {
  if (!before || !now || before.kind !== now.kind) return null;
  const [a, b] = [spreadOf(before), spreadOf(now)];
  if (!a || !b) return null;
  if (!a.edges.length !== !b.edges.length) return null;
  if (!a.edges.length) {
    const labels = [...new Set([...b.labels, ...a.labels])];
    const of = (spread) => shares(labels.map((one) => (spread.labels.includes(one) ? spread.counts[spread.labels.indexOf(one)] : 0)));
    return { labels, before: of(a), now: of(b) };
  }
  const low = Math.min(a.edges[0], b.edges[0]);
  const high = Math.max(a.edges[a.edges.length - 1], b.edges[b.edges.length - 1]);
  if (!(high > low)) return null;
  const edges = Array.from({ length: BARS + 1 }, (_, at) => low + ((high - low) * at) / BARS);
  const of = (spread) => shares(edges.slice(0, -1).map((from, at) => within(spread, from, at === BARS - 1 ? Infinity : edges[at + 1])));
  return { labels: edges.slice(0, -1).map((from, at) => between(now.kind, from, edges[at + 1])), before: of(a), now: of(b) };
}
