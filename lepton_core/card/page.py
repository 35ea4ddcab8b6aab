"""A model card as one page of HTML: the same card gives the same bytes."""

from datetime import UTC

from lepton_core.card.facts import Card
from lepton_core.card.judged import all_judged
from lepton_core.card.made_of import columns, data, limits, what_it_is
from lepton_core.card.parts import text
from lepton_core.card.style import POLICY, STYLE


def card_page(card: Card) -> str:
    """The whole page, which stands for itself: no script, and nothing that is loaded.

    Whatever comes of the data, of names or of settings is escaped.
    """
    title = f"{card.model}, version {card.version}"
    task = card.evaluation.task
    when = card.created.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    about = f"{card.algorithm.replace('_', ' ')}, {task} of {card.data.label}, made {when}"
    made_of = "".join((data(card), limits(card), what_it_is(card), columns(card)))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{text(POLICY, len(POLICY))}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title, 120)}: model card</title><style>{STYLE}</style></head>\n"
        f"<body><main><header><h1>{text(title, 120)}</h1><p>{text(about, 200)}</p></header>\n"
        f'<div class="parts">{"".join(all_judged(card))}{made_of}</div>\n'
        f"<footer>Model card of {text(title, 120)}. All figures are those of its evaluation, on rows held out.</footer>"
        "</main></body></html>\n"
    )
