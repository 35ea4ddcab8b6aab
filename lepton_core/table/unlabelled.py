"""What is said of words that stand where labels are, and count as missing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from lepton_core.remedy import Remedy, call
from lepton_core.table.cells import is_not_finite
from lepton_core.table.columns import Column, IndexArray
from lepton_core.table.files import Note, SetAside
from lepton_core.table.kinds import kind_of
from lepton_core.table.kinds.boolean import Boolean
from lepton_core.table.labels import are_few_numbers, counted_as_missing, names_no_class
from lepton_core.table.spelling import is_missing


def labels_among(texts: Iterable[str]) -> list[str]:
    """The different ``texts``, but for blank ones; none if one of them can name no class, as NaN.

    >>> labels_among(["NA", "", "NA"]), labels_among(["NA", "nan"])
    (['NA'], [])
    """
    words = [text for text in dict.fromkeys(texts) if text]
    return [] if any(map(is_not_finite, words)) else words


def absent_words(cells: Iterable[str]) -> list[str]:
    """The different words among ``cells`` that name no class: a missing one, where nobody said which do, and infinity.

    >>> absent_words(["yes", "NA", "", "inf", " NA "])
    ['NA', 'inf']
    """
    words = dict.fromkeys(cell.strip() for cell in cells)
    return [word for word in words if word and (is_missing(word) or names_no_class(word))]


def among_all(places: IndexArray, unlabelled: Sequence[int]) -> IndexArray:
    """The places (m,) among all rows of those at ``places`` among the rows that have a label; both rise.

    >>> among_all(np.array([0, 1, 2]), [1, 2]).tolist()
    [0, 3, 4]
    """
    gone = np.asarray(unlabelled, dtype=np.intp)
    return np.asarray(places + np.searchsorted(gone - np.arange(len(gone)), places, side="right"))


def naming_labels(
    notes: Sequence[Note], label: Column, aside: Sequence[SetAside], *, frame: bool = False
) -> tuple[Note, ...]:
    """The ``notes``, of which the one on rows without a ``label`` names the words of those ``aside``.

    If they may be labels, it has the call that makes labels of them: beside numbers a word is one of a category only,
    and beside quantities it is none. ``frame``: that of columns of a program.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> notes = [Note("no_label", "1 row has no label and was left out", column="y")]
    >>> label = Numbers("y", np.array([1.0, 2.0]), "integer")
    >>> naming_labels(notes, label, [SetAside(2, "it has no label", "NA")])[0].remedy
    "Data.from_csv(path, kinds={'y': 'category'}, missing={'y': []})"
    """
    words = labels_among(one.text for one in aside)
    if not words:
        return tuple(notes)
    way, message = _as_labels(label), f": {counted_as_missing(words)}"
    if way is not None:
        message += "; if that is a label, say so"
        way = way.reading("from_pandas") if frame else way
    ways = () if way is None else (way,)
    return tuple(
        replace(one, message=one.message + message, remedies=ways) if one.code == "no_label" else one
        for one in notes
    )


def _as_labels(label: Column) -> Remedy | None:
    """The call that reads words among the cells of a ``label`` as classes; None beside quantities."""
    kind, missing = kind_of(label), {label.name: list[str]()}
    if not kind.quantitative or label.kind == Boolean.name:
        return call(missing=missing)
    return (
        call(kinds={label.name: "category"}, missing=missing)
        if are_few_numbers(kind.distinct(label)[0])
        else None
    )
