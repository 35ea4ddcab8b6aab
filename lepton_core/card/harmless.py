"""Whether a page that came with somebody's file is of the parts that a card is made of, and of nothing that acts."""

import re

from lepton_core.errors import InvalidArtifact

MOST_CARD_LETTERS = 4_000_000
"""Of a page that is looked at: nothing else in the process runs meanwhile. A card has some fifty thousand."""

_TAGS = (
    "b body caption circle dd desc div dl dt figcaption figure footer g h1 h2 h3 head header html li line main meta ol "
    "p path polyline rect section small span style svg table tbody td text th thead title tr ul"
)

_ATTRIBUTES = (
    "aria-hidden aria-label aria-labelledby charset class colspan content cx cy d height http-equiv id lang name "
    "points r role rowspan scope text-anchor transform viewBox width x x1 x2 y y1 y2"
)

_NAMED = rf'(?: (?:{_ATTRIBUTES.replace(" ", "|")})="[^"<>]*")*'
_TAG = rf"</?(?:{_TAGS.replace(' ', '|')}){_NAMED} ?/?>"
_PAGE = re.compile(rf"\s*(?:<!DOCTYPE html>)?(?:[^<]|{_TAG})*+\Z")
_OTHER = re.compile(rf"<(?!!DOCTYPE html>|{_TAG[1:]})[^>]{{0,40}}")
# Read in another encoding, or behind an escape of ISO-2022-JP, the same bytes are other tags.
_META = re.compile(r'http-equiv="(?!Content-Security-Policy")|charset="(?!utf-8")|\x1b')
_STYLE = re.compile(r"<style[^>]*>(.*?)(?:</style|\Z)", re.DOTALL)
# What looks like a tag is text in a style, and goes on; in a drawing "&#117;rl" is "url".
_LOADS = re.compile(r"@import|url|src|image|expression|[\\<&]", re.IGNORECASE)


def check_harmless(card: str) -> None:
    """Raise `InvalidArtifact` (field 'card') for a page that could run, load, send or lead to anything.

    Only tags and attributes that cards have may stand in it, written as cards write them.

    >>> check_harmless('<!DOCTYPE html><p class="said">1 &lt; 2</p>')
    >>> check_harmless("<p>a</p><script>")
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: the card of the exported version holds what no card has: '<script'
    """
    if len(card) > MOST_CARD_LETTERS:
        raise InvalidArtifact(
            f"the card of the exported version has {len(card)} letters; the most is {MOST_CARD_LETTERS}",
            field="card",
        )
    found = None
    if not _PAGE.match(card):
        other = _OTHER.search(card)
        found = "<" if other is None else other[0]
    elif named := _META.search(card):
        found = card[named.start() : named.start() + 40]
    else:
        loads = (_LOADS.search(style[1]) for style in _STYLE.finditer(card))
        found = next((one[0] for one in loads if one is not None), None)
    if found is not None:
        raise InvalidArtifact(
            f"the card of the exported version holds what no card has: {found!r}", field="card"
        )
