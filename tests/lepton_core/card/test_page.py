"""A card is one whole page: balanced, escaped, without anything that runs or is loaded, readable and printable."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.baseline import Baseline, beside_classes
from lepton_core.card.facts import Card, CardColumn, CardData, CardFit, CardMember
from lepton_core.card.judged import MOST_CLASSES_SHOWN
from lepton_core.card.made_of import MOST_COLUMNS_SHOWN, values
from lepton_core.card.page import card_page
from lepton_core.card.style import POLICY, STYLE
from lepton_core.evaluate import (
    Calibrated,
    Coverage,
    CrossValidation,
    Imbalance,
    Importance,
    LabelDecision,
    LabelRule,
    LabelWish,
    PermutationImportance,
    by_prediction,
    classification_report,
    regression_report,
)
from lepton_core.promotion import judge
from lepton_core.readable import figure
from lepton_core.segments import weak_of_classes, weak_of_values
from lepton_core.table import Categories, ColumnFigures, Split, Table
from tests.support.page import Page

WHEN = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</title></svg><b>",
    "&lt;b&gt;&#x3c;",
    "\x1b[2J\u202eabc\x00",
    "x" * 5000,
]


def report_of(names: list[str], column: str = "side", levels: tuple[str, str] = ("left", "right")) -> Any:
    rng, m = np.random.default_rng(0), 400
    side = Categories.of(column, [levels[at % 2] for at in range(m)])
    K = len(names)
    y = rng.integers(0, K, m)
    answered = np.where(rng.uniform(size=m) < np.where(side.codes == 0, 0.3, 0.95), y, (y + 1) % K)
    probabilities = np.full((m, K), 0.1 / (K - 1)) + np.eye(K)[answered] * (0.9 - 0.1 / (K - 1))
    baselines = beside_classes(Baseline(dict.fromkeys(names, 9), {}), names, y, probabilities)
    segments = weak_of_classes(Table((side,)), y, probabilities)
    return replace(
        classification_report(y, probabilities, names, unknown_class_rows=3),
        baselines=baselines,
        segments=segments,
    )


def test_what_makes_its_labels_and_how_sure_it_is_stand_on_the_card() -> None:
    report = report_of(["no", "churn"])
    truths = [report.classes[one] for one in (0, 1)]
    decision = LabelDecision(
        LabelWish("recall", 0.9), LabelRule("churn", 0.25), 400, 0.75, {}, {}, "catches all"
    )
    calibrated = Calibrated("platt", 400, (), "calibrated by Platt's sigmoid")
    coverages = tuple(Coverage(one, 400, one, one, one, 1.5, f"sets of {one:.0%} hold") for one in (0.5, 0.9))
    imbalance = Imbalance(truths[0], 0.99, truths[1], 4, 0, 400, 16, ("99 of 100 rows are no",))
    told = replace(report, calibrated=calibrated, coverages=coverages, imbalance=imbalance, decision=decision)
    page = card_page(card(told))
    for said in (
        "Labels: catches all.",
        "99 of 100 rows are no.",
        "Probabilities: calibrated by Platt",
        "Sets of 90% hold.",
    ):
        assert said.replace("'", "&#x27;") in page
    assert "50% hold" not in page
    assert "What it answers" not in card_page(card(report))
    # Its accuracy is that of the labels, and the interval of the segments that of the most probable class.
    [accuracy] = re.findall(r'<th scope="row">accuracy</th>(.*?)</tr>', page.partition("Figures on")[2])[:1]
    assert "to" not in accuracy
    [accuracy] = re.findall(
        r'<th scope="row">accuracy</th>(.*?)</tr>', card_page(card(report)).partition("Figures on")[2]
    )[:1]
    assert " to " in accuracy


def regression() -> Any:
    rng = np.random.default_rng(1)
    y = rng.normal(size=300)
    p = y + rng.normal(size=300)
    side = Categories.of("side", ["left", "right"] * 150)
    return replace(
        regression_report(y, p),
        segments=weak_of_values(Table((side,)), y, p),
        by_prediction=by_prediction(y, p),
    )


def card(evaluation: Any = None, word: str = "churn", columns: int = 3, **more: Any) -> Card:
    figures = [
        ColumnFigures(f"{word} {at}", "number", at, 1.0, 1.0, float(-at), 7.25, None) for at in range(columns)
    ]
    data = CardData(
        word,
        2,
        "sha256:data",
        word,
        Split("group-1", column=word),
        rows=1000,
        columns=(
            *(CardColumn(one, "read", filled=0.5) for one in figures),
            CardColumn(ColumnFigures("town", "category", 3, distinct=2), "read", levels=(word, "b")),
            CardColumn(ColumnFigures("id", "identifier", 0), f"only tells rows apart {word}"),
        ),
    )
    known: dict[str, Any] = {
        "model": "m",
        "version": 3,
        "algorithm": "logistic_regression",
        "created": WHEN,
        "hyperparameters": {"note": word},
        "data": data,
        "judged": CardFit("sha256:judged", 800),
        "served": CardFit("sha256:served", 1000),
        "evaluation": report_of(["no", word]) if evaluation is None else evaluation,
        "members": (CardMember("svm", {word: word}, 0.25), CardMember("svm", {}, 0.75)),
        "cross_validation": CrossValidation(0.5, (0.4, 0.6), {"accuracy": 0.8}),
        "importance": PermutationImportance(
            0.5, 300, 5, tuple(Importance(f"{word}{at}", 0.3 - at / 10, 0.1) for at in range(9))
        ),
        "champion": 2,
        "verdict": judge(0.5, 0.4, None),
        "warm_from": 2,
        "weight": word,
        "class_weight": {word: 2.0},
        "steps": (word, "Normalize"),
        "libraries": {word: "1"},
    }
    return Card(**{**known, **more})


CARDS = {
    "two classes": card,
    "many classes": lambda: card(report_of([f"c{at}" for at in range(MOST_CLASSES_SHOWN + 4)])),
    "regression": lambda: card(regression()),
    "many columns": lambda: card(columns=MOST_COLUMNS_SHOWN + 20),
    "little known": lambda: card(
        classification_report(np.array([0, 1]), np.eye(2), ["no", "yes"]),
        data=CardData("m", 1, "", "y", Split()),
        members=(),
        cross_validation=None,
        importance=None,
        verdict=None,
        libraries=None,
    ),
    "an old regression": lambda: card(regression_report(np.arange(2.0), np.arange(2.0))),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_one_balanced_page_with_one_head_heading(name: str) -> None:
    page = Page(card_page(CARDS[name]()))
    assert page.wrong == []
    assert len(page.texts_of("h1")) == 1 and len(page.texts_of("title")) >= 1
    assert page.elements[0] == ("html", {"lang": "en"})
    headings = [tag for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == "h1" and set(headings[1:]) == {"h2"}


@pytest.mark.parametrize("name", CARDS)
def test_nothing_runs_and_nothing_is_loaded(name: str) -> None:
    text = card_page(CARDS[name]())
    page = Page(text)
    assert not page.tags() & {"script", "iframe", "object", "embed", "link", "img", "form", "a", "base"}
    for _, attributes in page.elements:
        assert not {"src", "href", "style", "srcdoc"} & attributes.keys()
        assert not [one for one in attributes if one.startswith("on")]
    assert "url(" not in text and "@import" not in text and "http://" not in text and "https://" not in text
    hashed = b64encode(sha256(STYLE.encode()).digest()).decode()
    assert page.texts_of("style") == [STYLE]
    assert f"style-src 'sha256-{hashed}'" in POLICY
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}) in page.elements


@pytest.mark.parametrize("name", CARDS)
def test_tables_say_what_their_heads_are_of_and_pictures_are_told_in_words(name: str) -> None:
    page = Page(card_page(CARDS[name]()))
    tables = [tag for tag, _ in page.elements].count("table")
    assert len(page.texts_of("caption")) == tables > 0
    assert {attributes.get("scope") for tag, attributes in page.elements if tag == "th"} == {"col", "row"}
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for _, attributes in [one for one in page.elements if one[0] == "svg"]:
        if attributes.get("aria-hidden") != "true":
            assert attributes["role"] == "img"
            assert set(attributes["aria-labelledby"].split()) <= ids
    assert len(ids) == sum("id" in attributes for _, attributes in page.elements)


def test_the_same_card_gives_the_same_bytes_wherever_its_time_was_written() -> None:
    one = card()
    elsewhere = replace(one, created=WHEN.astimezone(timezone(timedelta(hours=5))))
    assert card_page(one) == card_page(one) == card_page(elsewhere)
    assert "made 2024-05-01 12:30 UTC" in card_page(one)


PLAIN = [tag for tag, _ in Page(card_page(card())).elements]


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_or_level_is_text_and_never_markup(word: str) -> None:
    """The page has the very elements that it has with a harmless word, everywhere that a word comes from outside."""
    evaluation = report_of(["no", word], word, (word, "right"))
    text = card_page(card(evaluation, word, model=word, algorithm=word))
    page = Page(text)
    assert page.wrong == []
    assert [tag for tag, _ in page.elements] == PLAIN
    assert all(one.isprintable() or one == "\n" for one in text)
    assert len(text) < 60_000


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=40)
def test_no_word_at_all_is_markup(word: str) -> None:
    page = Page(card_page(card(REPORT, word, model=word)))
    assert page.wrong == []
    assert [tag for tag, _ in page.elements] == PLAIN


REPORT = report_of(["no", "churn"])


def test_it_shows_the_figures_that_it_was_given() -> None:
    made = card()
    said = Page(card_page(made)).said
    report, segments = made.evaluation, made.evaluation.segments
    assert segments is not None and segments.worst
    shown = [report.accuracy, report.log_loss, report.auc, 0.8]  # type: ignore[union-attr]
    for value in (
        *shown,
        segments.score.low,
        segments.loss.high,
        segments.worst[0].loss,
        made.importance.loss - 0.2,
    ):  # type: ignore[union-attr]
        assert figure(value) in said
    for words in (
        "sha256:judged",
        "sha256:served",
        "sha256:data",
        "on 800 rows",
        "on 1000 rows",
        "beside version 2",
    ):
        assert words in said
    assert "3 rows held out are of a class that the version never saw" in said
    assert "Nothing is known of rows outside these ranges: churn 0" in said
    assert "all rows of one value of churn on one side" in said


def test_what_is_cut_is_said() -> None:
    many = Page(card_page(card(columns=MOST_COLUMNS_SHOWN + 20))).said
    assert "22 more columns are in the description of the data set" in many
    assert "2 more columns are in the evaluation" in many
    classes = Page(card_page(CARDS["many classes"]())).said
    assert "4 rarer classes are in the evaluation" in classes


def test_a_version_of_an_earlier_platform_says_what_is_not_known() -> None:
    said = Page(card_page(CARDS["little known"]())).said
    assert said.count("train it again") == 2
    assert "the data was deleted" in said


def test_the_points_of_a_picture_lie_in_its_frame() -> None:
    for made in (card(), card(regression())):
        for tag, attributes in Page(card_page(made)).elements:
            if tag == "circle":
                assert 46 <= float(attributes["cx"]) <= 290 and 10 <= float(attributes["cy"]) <= 186


@pytest.mark.parametrize("size", [0.0, 1e-300, 1e308])
def test_values_of_any_size_have_their_picture(size: float) -> None:
    y = size * np.linspace(-1, 1, 30)
    evaluation = replace(regression_report(y, -y), by_prediction=by_prediction(y, -y))
    text = card_page(card(evaluation))
    assert Page(text).wrong == []
    assert "nan" not in text and ">inf" not in text


def test_the_values_of_a_column_are_spelled_as_its_file_has_them() -> None:
    day = ColumnFigures("day", "date", 0, min=0.0, max=86_400.0)
    assert values(CardColumn(day, "read")) == "1970-01-01 to 1970-01-02"
    asked = ColumnFigures("asked", "boolean", 0, min=0.0, max=1.0, notation="no/yes")
    assert values(CardColumn(asked, "read")) == "no or yes"
    assert values(CardColumn(ColumnFigures("c", "category", 0, distinct=9), "read", tuple("abcdefghi"))) == (
        "a, b, c, d and 5 more"
    )


def test_colours_of_text_can_be_read_in_light_in_dark_and_printed() -> None:
    """The contrast of the Web Content Accessibility Guidelines, 2.1, at least 4.5 to 1."""
    grounds = re.findall(r":root\{[^}]*\}", STYLE)
    assert len(grounds) == 3
    for ground in grounds:
        colours = dict(re.findall(r"--(\w+):#([0-9a-f]{3,6})\b", ground))
        for name in ("ink", "soft", "accent", "good", "poor"):
            for under in ("paper", "wash"):
                assert contrast(colours[name], colours[under]) >= 4.5, (name, under)


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    whole = colour if len(colour) == 6 else "".join(2 * letter for letter in colour)
    parts = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return float(np.dot((0.2126, 0.7152, 0.0722), linear))
