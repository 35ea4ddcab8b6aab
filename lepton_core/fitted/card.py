"""The card of a model that was fitted elsewhere: what is known of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lepton_core.card.parts import pairs, section, table, text
from lepton_core.card.style import POLICY, STYLE

if TYPE_CHECKING:
    from lepton_core.fitted.judge import Verified
    from lepton_core.fitted.model import TakenOver


def bare_card(name: str, label: str, when: str, taken: "TakenOver", judged: "Verified | None") -> str:
    """The page of the model ``name``, read ``when`` (a time, as people read it), with its figures where it was judged.

    Whatever comes of names is escaped; it has no script, and loads nothing.
    """
    about = {"predicts": label, "algorithm": taken.algorithm.replace("_", " "), "fitted as": taken.made_by}
    about |= {"scikit-learn": taken.version or "not known", "training rows": "not known"}
    if taken.classes:
        about["classes"] = ", ".join(taken.classes[:10]) + ("" if len(taken.classes) <= 10 else " ...")
    figures = {} if judged is None else {one: _shown(value) for one, value in judged.metrics.items()}
    said = "It was not evaluated." if judged is None else _evaluated(judged.rows)
    columns = table("Columns that it reads, all numbers", ["column"], ([one] for one in taken.names[:200]))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{text(POLICY, len(POLICY))}">'
        f"<title>{text(name, 120)}: model card</title><style>{STYLE}</style></head>\n"
        f"<body><main><header><h1>{text(name, 120)}</h1><p>Fitted by scikit-learn, read {text(when)}</p></header>\n"
        f'<div class="parts">{section("What it is", pairs("Model", about.items()))}'
        f"{section('How good it is', f'<p>{said}</p>', _figures(figures))}"
        f"{section('Columns', columns)}</div></main></body></html>\n"
    )


def _evaluated(rows: int) -> str:
    return f"Figures on {rows} rows that came with it. Nobody here knows whether it has learnt from them."


def _figures(figures: Mapping[str, str]) -> str:
    return pairs("Figures", figures.items()) if figures else ""


def _shown(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.4g}"
