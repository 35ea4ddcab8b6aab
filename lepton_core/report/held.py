"""Whether a version is held: it moved too far from the one before to be trained on by itself."""

from collections.abc import Iterator

from lepton_core.report.changes import Comparison
from lepton_core.report.values import Finding, Retyped
from lepton_core.table import BY_NAME, ReadingOptions, Table, kind_of
from lepton_core.table.columns import Column
from lepton_core.table.csv_columns import Wanted, decided_again
from lepton_core.table.parse import MOST_MISFIT_SHARE

_LOOK = "see whether the file is right: release the version if it is, else upload a file that is"


def findings_of(
    found: Comparison, before: float | None, label: str, table: Table, reading: ReadingOptions
) -> Iterator[tuple[Finding, bool]]:
    """What changed, each with whether it holds the version; ``before`` is `LabelReport.told` of the earlier one."""
    changes = found.changes
    if changes.added:
        without = reading.call(exclude=(*(reading.exclude or ()), *changes.added))
        yield (
            Finding(
                "columns_added", f"new columns: {_some(changes.added)}", level="note", remedies=(without,)
            ),
            False,
        )
    if changes.removed:
        message = (
            f"columns left out: {_some(changes.removed)}; a model that reads one is not updated by itself: "
        )
        message += "upload a file that has it, or train the model anew"
        yield Finding("columns_removed", message, level="note"), False
    for one in changes.retyped:
        yield _retyped(one, label, table, reading), False
    for name, levels in changes.new_levels.items():
        if name != label:
            texts = _some([count.text for count in levels])
            message = (
                f"{name!r} has new values: {texts}; a model learns them when it is trained on this version"
            )
            yield Finding("new_levels", message, column=name, level="note"), False
    for drift in changes.drift:
        if drift.drifted:
            holds = not BY_NAME[table[drift.name].kind].moves
            level = "warning" if holds else "note"
            message = f"{drift.name!r} is distributed otherwise than in version {changes.since} (PSI {drift.psi:.2f}, "
            yield (
                Finding(
                    "drift",
                    message + f"above {drift.alarm:.2f})",
                    column=drift.name,
                    level=level,  # type: ignore[arg-type]
                    remedies=(reading.call(exclude=(*(reading.exclude or ()), drift.name)),),
                ),
                holds,
            )
    if changes.label_drift is not None and changes.label_drift.drifted:
        moved = changes.label_drift
        yield (
            Finding(
                "label_share",
                f"the label is distributed otherwise than in version {changes.since} (PSI {moved.psi:.2f}, above "
                f"{moved.alarm:.2f}); {_LOOK}",
                column=label,
            ),
            True,
        )
    if found.new_classes:
        some = ", ".join(f"{one.text!r} ({one.rows})" for one in found.new_classes[:5])
        more = f" and {len(found.new_classes) - 5} more" if len(found.new_classes) > 5 else ""
        said = (
            f"the label has classes that version {changes.since} lacks: {some}{more}; spell them as before "
        )
        yield (
            Finding(
                "new_classes",
                said + "if they are the same, else a model learns them as classes of their own",
                "",
                label,
            ),
            False,
        )
    yield from _relation(found, before, label)


def _retyped(one: Retyped, label: str, table: Table, reading: ReadingOptions) -> Finding:
    """That a column has another kind, with the call that gives it the earlier one if its cells are of that, too.

    If not, the call leaves the column out, unless it is the label.
    """
    message = f"{one.name!r} was of the kind {one.before} and is of the kind {one.now}"
    if BY_NAME[one.before].is_open:
        message = f"{one.name!r} has values for the first time: it is of the kind {one.now}"
    without = reading.call(exclude=(*(reading.exclude or ()), one.name))
    ways = () if one.name == label else (without,)
    if one.name in table and _reads(table[one.name], one.before, reading):
        ways = (reading.call(kinds={**(reading.kinds or {}), one.name: one.before}),)
    return Finding("retyped", message, column=one.name, level="note", remedies=ways)


def _reads(column: Column, kind: str, reading: ReadingOptions) -> bool:
    """Whether a file with the cells of ``column`` can be read with it as ``kind``."""
    now, numbers = kind_of(column), "decimal" in BY_NAME[kind].notation_options
    if numbers and now.quantitative and "decimal" not in now.notation_options:
        return False  # a date or a length of time is a number here, and none in a file
    texts = [text or "" for text in now.one_by_one(column).as_list()]
    wanted = Wanted(kind, None, column.missing_words, reading.decimal or "", reading.day_first)
    read = decided_again(column.name, texts, len(texts), wanted)
    there = len(texts) - texts.count("")
    return read.column.kind == kind and len(read.misfits) <= MOST_MISFIT_SHARE * there


def _relation(found: Comparison, before: float | None, label: str) -> Iterator[tuple[Finding, bool]]:
    told, since = found.changes.told, found.changes.since
    if told is None or before is None or told >= found.told_line:
        return
    figures = f"(AUC {told:.2f} by what version {since} has, {before:.2f} there)"
    if told < 0.5 - (before - 0.5) / 2:
        message = f"the labels look flipped: what spoke for a class speaks against it {figures}; {_LOOK}"
        yield Finding("flipped_labels", message, column=label), True
    else:
        message = f"the columns tell less of the label than before, as with wrong labels {figures}; {_LOOK}"
        yield Finding("label_relation", message, column=label), True


def _some(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(map(repr, names[:10])) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
