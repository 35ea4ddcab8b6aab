// What is drawn: lines, bars, two spreads beside each other, a matrix; each with its figures in a table behind it.
import { html, useEffect, useRef, useState } from "./ui.js";
import { count, figure, t } from "./words.js";
import { Table } from "./parts.js";

const ROOM = { left: 52, right: 14, top: 10, bottom: 26 };
const IN_TABLE = 14;

// The width of an element, as it is now; until something is `drawn` there is none.
function useWidth(drawn) {
  const at = useRef();
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!drawn) return undefined;
    const seen = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    seen.observe(at.current);
    return () => seen.disconnect();
  }, [drawn]);
  return [at, width];
}

// Round numbers from `low` to `high`, some four of them.
export function ticks(low, high, most = 4) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / most;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * size).find((one) => one >= rough);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + span * 1e-9; at++) found.push(at * step || 0);
  return found;
}

function spread(values, given) {
  if (given) return given;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const pad = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.04;
  return [low - pad, high + pad];
}

function some(points) {
  const step = Math.ceil(points.length / IN_TABLE);
  return points.filter((_, at) => at % step === 0 || at === points.length - 1);
}

export function Figure({ label, aside, children, columns, rows, legend = [] }) {
  return html`<figure class="chart">
    <figcaption><span>${label}</span>${aside !== undefined && html`<b>${aside}</b>`}</figcaption>
    ${legend.length > 1 && html`<ul class="legend">${legend.map((name, at) => html`<li><i class="tone-${at}"></i>${name}</li>`)}</ul>`}
    ${children}
    ${rows.length > 0 && html`<details><summary>${t("as-table")}</summary><${Table} label=${label} rows=${rows} columns=${columns} /></details>`}
  </figure>`;
}

// Lines over a number: `series` are { name, points: [[x, y], ...] }, x ascending. `x` and `y` are { name, format, domain };
// `x.tick` writes x below the line, if that is shorter. `mark` draws an upright line at an x; `diagonal` the line y = x;
// `dots` the points themselves; `spots` are points { x, y, name } apart from the lines; `pick(x)` is told of a click.
export function Lines({ label, aside, series, x = {}, y = {}, mark, diagonal, dots, spots = [], pick, height = 210 }) {
  const [over, setOver] = useState(null);
  const known = series.map((one) => ({ ...one, points: one.points.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b)) }));
  const points = known.flatMap((one) => one.points);
  const [at, width] = useWidth(points.length > 0);
  const formatX = x.format || figure;
  const formatY = y.format || figure;
  const rows = known.flatMap((one) => some(one.points).map(([a, b]) => [one.name, a, b]));
  const columns = [
    ...(known.length > 1 ? [{ name: "", of: ([name]) => name }] : []),
    { name: x.name, number: true, of: ([, a]) => formatX(a) },
    { name: y.name || label, number: true, of: ([, , b]) => formatY(b) },
  ];
  if (!points.length) return html`<${Figure} label=${label} rows=${[]}><p class="hint">${t("chart.nothing")}</p><//>`;
  // A place where a line has no value is drawn all the same.
  const along = series.flatMap((one) => one.points.map(([a]) => a)).filter(Number.isFinite);
  const [left, right] = spread(along, x.domain || (x.tight !== false && [along.reduce((least, a) => Math.min(least, a), Infinity), along.reduce((most, a) => Math.max(most, a), -Infinity)]));
  const [low, high] = spread(points.map(([, b]) => b), y.domain);
  const wide = Math.max(60, width - ROOM.left - ROOM.right);
  const tall = height - ROOM.top - ROOM.bottom;
  const px = (a) => ROOM.left + (wide * (a - left)) / (right - left || 1);
  const py = (b) => ROOM.top + tall - (tall * (b - low)) / (high - low || 1);
  const line = (of) => of.map(([a, b], i) => `${i ? "L" : "M"}${px(a).toFixed(1)} ${py(b).toFixed(1)}`).join("");
  const nearest = (event) => {
    const box = at.current.getBoundingClientRect();
    return left + ((event.clientX - box.left - ROOM.left) / wide) * (right - left);
  };
  const near = over === null ? [] : known.filter((one) => one.points.length).map((one) => [one.name, one.points.reduce((best, point) => (Math.abs(point[0] - over) < Math.abs(best[0] - over) ? point : best))]);
  const tone = (name) => known.findIndex((one) => one.name === name);
  return html`<${Figure} label=${label} aside=${aside} rows=${rows} columns=${columns} legend=${known.map((one) => one.name)}>
    <div class="plot" ref=${at} style=${{ height: `${height}px` }}>
      ${width > 0 && html`<svg width=${width} height=${height} role="img" aria-label=${label}
          onPointerMove=${(event) => setOver(Math.max(left, Math.min(right, nearest(event))))} onPointerLeave=${() => setOver(null)}
          onClick=${pick && ((event) => pick(Math.max(left, Math.min(right, nearest(event)))))} class=${pick ? "can-pick" : ""}>
        ${ticks(low, high).map((b) => html`<g class="tick"><line x1=${ROOM.left} x2=${ROOM.left + wide} y1=${py(b)} y2=${py(b)} /><text x=${ROOM.left - 8} y=${py(b) + 4} text-anchor="end">${formatY(b)}</text></g>`)}
        ${ticks(left, right, Math.max(3, Math.floor(wide / 110))).map((a) => html`<g class="tick"><text x=${px(a)} y=${height - 8} text-anchor="middle">${(x.tick || formatX)(a)}</text></g>`)}
        ${diagonal && html`<line class="aside-line" x1=${px(Math.max(left, low))} y1=${py(Math.max(left, low))} x2=${px(Math.min(right, high))} y2=${py(Math.min(right, high))} />`}
        ${known.length === 1 && !diagonal && known[0].points.length > 1 && html`<path class="area" d="${line(known[0].points)}L${px(known[0].points[known[0].points.length - 1][0])} ${ROOM.top + tall}L${px(known[0].points[0][0])} ${ROOM.top + tall}Z" />`}
        ${known.map((one, i) => html`<path class="line tone-${i}" d=${line(one.points)} />`)}
        ${(dots || known.some((one) => one.points.length === 1)) && known.map((one, i) => one.points.map(([a, b]) => html`<circle class="dot tone-${i}" cx=${px(a)} cy=${py(b)} r="3" />`))}
        ${mark !== undefined && mark !== null && html`<line class="mark-line" x1=${px(mark)} x2=${px(mark)} y1=${ROOM.top} y2=${ROOM.top + tall} />`}
        ${spots.map((one) => html`<g class="spot"><circle cx=${px(one.x)} cy=${py(one.y)} r="5" /><text x=${px(one.x)} y=${py(one.y) - 10} text-anchor=${px(one.x) < 90 ? "start" : px(one.x) > width - 60 ? "end" : "middle"}>${one.name}</text></g>`)}
        ${near.map(([name, [a, b]]) => html`<circle class="dot tone-${tone(name)}" cx=${px(a)} cy=${py(b)} r="4" />`)}
      </svg>`}
      ${near.length > 0 && html`<div class="tip" style=${px(near[0][1][0]) > width / 2 ? { right: `${width - px(near[0][1][0]) + 10}px` } : { left: `${px(near[0][1][0]) + 10}px` }}>
        <span>${x.name} ${formatX(near[0][1][0])}</span>
        ${near.map(([name, [, b]]) => html`<b><i class="tone-${tone(name)}"></i>${known.length > 1 ? `${name} ` : ""}${formatY(b)}</b>`)}
      </div>`}
    </div>
  <//>`;
}

// Upright bars, one for each of `labels`, for one or two series of shares or counts beside each other.
export function Columns({ label, aside, labels, series, format = count, name = "", height = 120 }) {
  const most = Math.max(...series.flatMap((one) => one.values), 1e-12);
  const rows = labels.map((text, at) => [text, ...series.map((one) => one.values[at])]);
  return html`<${Figure} label=${label} aside=${aside} legend=${series.map((one) => one.name)} rows=${rows} columns=${[
    { name, of: ([text]) => text },
    ...series.map((one, at) => ({ name: one.name, number: true, of: (row) => format(row[at + 1]) })),
  ]}>
    <div class="upright" style=${{ height: `${height}px` }} role="img" aria-label=${label}>
      ${labels.map((text, at) => html`<span title="${text}: ${series.map((one) => format(one.values[at])).join(" / ")}">
        ${series.map((one, i) => html`<i class="tone-${i}" style=${{ height: `${one.values[at] ? Math.max(1.5, (100 * one.values[at]) / most) : 0}%` }}></i>`)}
      </span>`)}
    </div>
    <div class="ends"><span>${labels[0]}</span><span>${labels.length > 1 ? labels[labels.length - 1] : ""}</span></div>
  <//>`;
}

// Lying bars with names, which may go to the left of nought: `items` are { name, value, low, high, href }.
export function Ranking({ label, aside, items, format = figure, name = "" }) {
  const signed = items.some((one) => one.value < 0);
  const most = Math.max(...items.map((one) => Math.abs(one.value)), 1e-12);
  const full = signed ? 50 : 100;
  return html`<${Figure} label=${label} aside=${aside} rows=${items} columns=${[
    { name, of: (one) => one.name },
    { name: label, number: true, of: (one) => format(one.value) },
    ...(items.some((one) => one.low !== undefined) ? [{ name: t("chart.between"), number: true, of: (one) => (one.low === undefined ? "" : `${format(one.low)} – ${format(one.high)}`) }] : []),
  ]}>
    <ul class="ranking">
      ${items.map((one) => html`<li>
        <span title=${one.name}>${one.href ? html`<a href=${one.href}>${one.name}</a>` : one.name}</span>
        <span class="track ${signed ? "signed" : ""}"><i class=${one.value < 0 ? "less" : "more"} style=${{ width: `${(Math.abs(one.value) / most) * full}%` }}></i></span>
        <b>${format(one.value)}</b>
      </li>`)}
    </ul>
  <//>`;
}

// A table of counts of what was true (rows) and what was said (columns); the deeper, the larger its share of the row.
export function Matrix({ label, names, counts, rowName, columnName }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
    <table class="matrix">
      <caption>${label}</caption>
      <thead><tr><th scope="col">${rowName} \\ ${columnName}</th>${names.map((one) => html`<th scope="col" class="number" title=${one}>${one}</th>`)}</tr></thead>
      <tbody>${names.map((one, row) => {
        const whole = counts[row].reduce((sum, n) => sum + n, 0) || 1;
        return html`<tr><th scope="row" title=${one}>${one}</th>${counts[row].map((n, column) => html`<td class="number ${row === column ? "right" : n ? "wrong" : ""}" style=${{ "--deep": n / whole }}>${count(n)}</td>`)}</tr>`;
      })}</tbody>
    </table>
  </div>`;
}
