"""The pictures of a card, as SVG that stands in the page: no script, and nothing is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from lepton_core.card.parts import text
from lepton_core.evaluate import ByPrediction, Calibration
from lepton_core.readable import figure

_WIDE, _TALL = 300, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 10, 34


@dataclass(frozen=True)
class _Axis:
    """Values from ``low`` to ``high`` between two places of the picture."""

    low: float
    high: float
    start: float
    stop: float

    def place(self, value: float) -> str:
        # Halves, so that no difference of two large numbers is infinite.
        share = (value / 2 - self.low / 2) / ((self.high / 2 - self.low / 2) or 1.0)
        return f"{self.start + (self.stop - self.start) * share:.1f}"


def _axes(low: float, high: float) -> tuple[_Axis, _Axis]:
    return _Axis(low, high, _LEFT, _WIDE - _RIGHT), _Axis(low, high, _TALL - _BOTTOM, _TOP)


def calibration(curve: Calibration, name: str, number: int) -> str:
    """How often a probability of the class ``name`` came true, beside the line where it is right."""
    points = [
        (predicted, true, count)
        for predicted, true, count in zip(
            curve.mean_predicted, curve.fraction_positive, curve.count, strict=True
        )
        if predicted is not None and true is not None
    ]
    across, up = _axes(0.0, 1.0)
    most = max((count for _, _, count in points), default=1)
    dots = "".join(
        f'<circle class="dot" cx="{across.place(predicted)}" cy="{up.place(true)}" '
        f'r="{2 + 4 * (count / most) ** 0.5:.1f}"/>'
        for predicted, true, count in points
    )
    line = _line([(across.place(x), up.place(y)) for x, y, _ in points])
    said = "; ".join(
        f"predicted {x:.2f}, came true {y:.2f} of {count} row{'s' * (count != 1)}" for x, y, count in points
    )
    return _picture(
        f"Calibration of {name}",
        said,
        (across, up),
        dots + line,
        ("predicted probability", "came true"),
        number,
    )


def predicted_against_true(found: ByPrediction, label: str, number: int) -> str:
    """What is true where so much was predicted: the mean, and the middle 80 % of the rows."""
    values = (*found.predicted, *found.low, *found.high, *found.true)
    across, up = _axes(min(values), max(values))
    spans = "".join(
        f'<line class="span" x1="{across.place(x)}" x2="{across.place(x)}" y1="{up.place(low)}" '
        f'y2="{up.place(high)}"/>'
        for x, low, high in zip(found.predicted, found.low, found.high, strict=True)
    )
    both = [(across.place(x), up.place(y)) for x, y in zip(found.predicted, found.true, strict=True)]
    dots = "".join(f'<circle class="dot" cx="{x}" cy="{y}" r="3.5"/>' for x, y in both)
    each = zip(found.predicted, found.true, found.low, found.high, strict=True)
    said = "; ".join(
        f"predicted {figure(x)}, true {figure(y)}, of 80 % {figure(low)} to {figure(high)}"
        for x, y, low, high in each
    )
    what = f"{label}: predicted against true"
    return _picture(what, said, (across, up), spans + _line(both) + dots, ("predicted", "true"), number)


def _line(points: Sequence[tuple[str, str]]) -> str:
    return f'<polyline class="curve" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'


def _picture(
    title: str, said: str, axes: tuple[_Axis, _Axis], inside: str, names: tuple[str, str], number: int
) -> str:
    across, up = axes
    low, high = across.low, across.high
    middle = low / 2 + high / 2
    marks = "".join(
        f'<text x="{across.place(one)}" y="{_TALL - _BOTTOM + 13}" text-anchor="{anchor}">{figure(one)}</text>'
        f'<text x="{_LEFT - 4}" y="{float(up.place(one)) + 3:.1f}" text-anchor="end">{figure(one)}</text>'
        for one, anchor in ((low, "start"), (middle, "middle"), (high, "end"))
    )
    frame = (
        f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{_WIDE - _LEFT - _RIGHT}" '
        f'height="{_TALL - _TOP - _BOTTOM}"/>'
        f'<line class="ideal" x1="{across.place(low)}" y1="{up.place(low)}" x2="{across.place(high)}" '
        f'y2="{up.place(high)}"/>'
    )
    words = (
        f'<text x="{(_LEFT + _WIDE - _RIGHT) / 2}" y="{_TALL - 6}" text-anchor="middle">{names[0]}</text>'
        f'<text transform="translate(11 {(_TOP + _TALL - _BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
        f"{names[1]}</text>"
    )
    return (
        f'<figure><svg viewBox="0 0 {_WIDE} {_TALL}" role="img" aria-labelledby="p{number}t p{number}d">'
        f'<title id="p{number}t">{text(title, 120)}</title><desc id="p{number}d">{text(said, 2000)}</desc>'
        f"{frame}{marks}{words}{inside}</svg><figcaption>{text(title, 120)}</figcaption></figure>"
    )


def bar(share: float) -> str:
    """A bar as long as ``share``, 0 to 1; what it shows stands beside it, so no reader of texts hears of it.

    >>> bar(0.5)
    '<svg class="bar" viewBox="0 0 100 8" aria-hidden="true"><rect width="50.0" height="8"/></svg>'
    """
    long = 100 * min(1.0, max(0.0, share))
    return (
        f'<svg class="bar" viewBox="0 0 100 8" aria-hidden="true"><rect width="{long:.1f}" height="8"/></svg>'
    )
