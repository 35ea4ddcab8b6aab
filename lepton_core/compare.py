"""A champion and its challenger, compared on the same held-out rows."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lepton_core.evaluate import PairedTest
from lepton_core.evaluate.regression import in_units, unit_for
from lepton_core.paired import Floats, Places, compared_areas, compared_hits, compared_losses
from lepton_core.promotion import row_losses
from lepton_core.table import Column, Split, Table
from lepton_core.table.asked_split import places_of_groups, times_of
from lepton_core.table.row_keys import row_hashes
from lepton_core.target import encode_classes, encode_values

if TYPE_CHECKING:
    from lepton_core.servable import Servable


def blocks_of(table: Table, split: Split, by: Column | None) -> Places | None:
    """The number of each held-out row's block, (m,), under the rule of ``split``; None: all rows are independent.

    The rows of a group are one block, by the column ``by`` (m,) of these rows. In a split by time, so are about m^(1/3)
    rows that follow each other: Hall, Horowitz and Jing (1995), "On blocking rules for the bootstrap with dependent
    data".
    """
    if by is None:
        return None
    if split.rule == "group-1":
        blocks: Places = np.unique(places_of_groups(by, row_hashes(table)), return_inverse=True)[1]
        return blocks
    if split.rule == "time-1":
        place = np.empty(table.rows, dtype=np.int64)
        place[np.argsort(times_of(by), kind="stable")] = np.arange(table.rows)
        pieces: Places = place // max(1, round(table.rows ** (1 / 3)))
        return pieces
    return None


def compare(
    champion: "Servable", challenger: "Servable", table: Table, blocks: Places | None = None
) -> PairedTest | None:
    """The losses of both on the labelled rows of ``table``, (m,), compared; None if there is one block only.

    ``blocks`` (m,) holds the number of each row's block; None: all rows are independent. Errors: what
    `Predictor.predict` raises.
    """
    label, features = table[champion.label], table.without(champion.label)
    outputs = champion.predict(features), challenger.predict(features)
    if champion.task == "regression":
        return compared_values(encode_values(label).y, *outputs, blocks)
    y = [encode_classes(label, one.classes).y for one in (champion, challenger)]
    losses = [row_losses(output, truth) for output, truth in zip(outputs, y, strict=True)]
    found = compared_losses(*losses, blocks=blocks)
    if found is None or blocks is not None:
        return found
    right = [np.argmax(output, axis=1) == truth for output, truth in zip(outputs, y, strict=True)]
    found = replace(found, hits=compared_hits(*right))
    if champion.classes != challenger.classes or len(champion.classes) != 2:
        return found
    known = y[0] >= 0
    return replace(found, auc=compared_areas(y[0][known] == 1, *(output[known, 1] for output in outputs)))


def compared_values(
    y: Floats, champion: Floats, challenger: Floats, blocks: Places | None = None
) -> PairedTest | None:
    """The roots of the mean squared errors of two predictions of ``y`` compared, all (m,), of any size.

    ``blocks`` (m,) are those of `compared_losses`; None if there is one block only.

    >>> compared_values(np.array([1.0, 2.0]), np.array([2.0, 3.0]), np.array([1.0, 2.0])).difference
    1.0
    """
    unit = unit_for(y, champion, challenger)
    squares = [np.square(y / unit - output / unit) for output in (champion, challenger)]
    found = compared_losses(*squares, blocks=blocks, root=True)
    if found is None or unit == 1.0:
        return found
    return replace(
        found,
        difference=in_units(found.difference, unit),
        error=in_units(found.error, unit),
        low=in_units(found.low, unit),
        high=in_units(found.high, unit),
        detectable=in_units(found.detectable, unit),
    )
