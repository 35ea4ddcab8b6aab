"""A card that came with somebody's file: those that we make pass, and nothing that acts does."""

import pytest

from lepton_core.card.harmless import MOST_CARD_LETTERS, check_harmless
from lepton_core.card.page import card_page
from lepton_core.errors import InvalidArtifact
from tests.lepton_core.card.test_page import CARDS, HOSTILE, card

ACTS = [
    "<script>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<p onclick=alert(1)>",
    '<p onclick="alert(1)">',
    '<p style="position:fixed">',
    '<a href="https://example.com">',
    '<img src="https://example.com">',
    '<svg><use href="https://example.com#a"/></svg>',
    '<svg><image width="1"/></svg>',
    "<iframe></iframe>",
    '<form><input name="a"></form>',
    '<meta http-equiv="refresh" content="0;url=https://example.com">',
    '<base href="https://example.com">',
    '<link rel="stylesheet">',
    "<style>@import 'a.css';</style>",
    "<style>p{background:URL(https://example.com)}</style>",
    "<style>p{background:u\\72l(https://example.com)}</style>",
    "<style>p{}</style><style>p{background:image-set('a.png' 1x)}</style>",
    "<style>a{}<p>{} *{background:url(https://example.com)}</style>",
    "<svg><style>p{background:&#117;rl(https://example.com)}</style></svg>",
    "<style>p{background:src('https://example.com')}</style>",
    '<meta charset="iso-2022-jp">',
    '<p class="\x1b$B">\x1b(B" onclick=alert(1)>',
    "<p\n>",
    "<p class='a'>",
    "<!-- -->",
    "<![CDATA[<p>]]>",
    "<",
    "1 < 2",
    "</p x",
    "<p",
    '<p class="a>',
]


@pytest.mark.parametrize("name", CARDS)
def test_each_card_that_we_make_passes(name: str) -> None:
    page = card_page(CARDS[name]())
    check_harmless(page)
    assert len(page) > 5000


@pytest.mark.parametrize("word", HOSTILE)
def test_what_comes_of_data_is_written_harmlessly(word: str) -> None:
    page = card_page(card(None, word))
    check_harmless(page)
    assert page.count("<section") > 1


@pytest.mark.parametrize("one", ACTS)
def test_what_acts_is_refused_wherever_it_stands(one: str) -> None:
    for page in (one, f"<!DOCTYPE html><p>{one}", f"<p>a</p>{one}<p>b</p>"):
        with pytest.raises(InvalidArtifact, match="holds what no card has") as refused:
            check_harmless(page)
        assert refused.value.field == "card"


def test_a_page_that_is_too_long_is_not_looked_at() -> None:
    check_harmless("a" * MOST_CARD_LETTERS)
    with pytest.raises(InvalidArtifact, match="4000001 letters; the most is 4000000") as refused:
        check_harmless("a" * (MOST_CARD_LETTERS + 1))
    assert refused.value.field == "card"


def test_a_long_page_is_read_in_one_go() -> None:
    check_harmless('<p class="a">b</p>' * 100_000)
    with pytest.raises(InvalidArtifact):
        check_harmless('<p class="a">b</p>' * 100_000 + "<p ")
