// The focus is never lost: where what has it goes away, or can take it no more, it goes to what stands nearest. That is a
// message, such as what came of a press; else a field of the same form; else the heading above.
const MESSAGE = "[role=alert], [role=status]:not(.loading)";
const FIELD = ":is(input, select, textarea):enabled";
const TAKES = "a[href], button, input, select, textarea, summary, label, [tabindex]";

// What had the focus last, and what stands around it, the nearest first; `lost` is from when it went away.
let last = null;
let waiting = false;

const isLost = () => [null, document.body].includes(document.activeElement);
const isGone = ({ of }) => !of.isConnected || of.matches(":disabled");

function remember(of) {
  const around = [];
  for (let one = of.parentElement; one && one !== document.body; one = one.parentElement) around.push(one);
  last = { of, around, lost: false };
}

const isShown = (one) => one.getClientRects().length > 0;
const first = (place, what, fits = isShown) => [...place.querySelectorAll(what)].find(fits);
const saysSomething = (one) => isShown(one) && one.textContent.trim() !== "";

function within(place) {
  if (place.matches("main")) return first(place, "h1");
  if (place.matches(`${MESSAGE}, [tabindex]`)) return place;
  return first(place, MESSAGE, saysSomething) || first(place, place.matches("section, .cards") ? "h2, h3" : FIELD);
}

function nearest({ around }) {
  for (const place of around.filter((one) => one.isConnected && isShown(one))) {
    const found = within(place);
    if (found) return found;
  }
  return first(document, "main h1");
}

// A button that is at work comes back; until then nothing else has its focus.
function hand() {
  waiting = false;
  if (!last?.lost || !isLost()) return;
  const gone = isGone(last);
  if (gone && last.of.isConnected && last.of.getAttribute("aria-busy") === "true") return;
  const next = gone ? nearest(last) : last.of;
  if (!next) return;
  if (next.tabIndex < 0 && !next.hasAttribute("tabindex")) next.setAttribute("tabindex", "-1");
  next.focus({ preventScroll: true });
}

// A browser takes the focus from what was disabled only when it has drawn the page.
function look() {
  if (!last) return;
  last.lost ||= isGone(last);
  if (!last.lost || waiting) return;
  waiting = true;
  requestAnimationFrame(() => setTimeout(hand));
}

document.addEventListener("focusin", (event) => remember(event.target));
// Whoever presses beside all of it wants no focus.
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest(TAKES)) last = null;
});
new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["disabled", "aria-busy"] });
if (!isLost()) remember(document.activeElement);
