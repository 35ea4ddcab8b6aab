"""The note of a run in plain words: the platform keeps the reasons of an optimizer, a user reads what came out."""

import re

_CHOICE = re.compile(r"([a-z_]+): (.*)", re.DOTALL)
_ENDED = re.compile(r"(.+) after (\d+) iterations")
_ENDS = {
    "at rest": "converged after {} iterations",
    "not yet at rest": "not converged after {} iterations; more of them may help",
}


def plainly(note: str) -> list[str]:
    """What a user wants to know of the note of a training; the whole of it stays in `Run.note`.

    >>> plainly("newton: 397 rows of 10 columns, the Hessian costs little; converged after 8 iterations")
    ['optimizer newton', 'converged after 8 iterations']
    >>> plainly("l2 0.003 chosen from the data; not yet at rest after 50 iterations")
    ['l2 0.003 chosen from the data', 'not converged after 50 iterations; more of them may help']
    """
    said = []
    for part in filter(None, note.split("; ")):
        choice = _CHOICE.fullmatch(part)
        # Why an optimizer was taken is for developers; how it ended is not.
        said += [f"optimizer {choice[1]}", *_ending(choice[2])] if choice else _ending(part) or [part]
    return said


def ended(note: str) -> str:
    """How a training ended, if its note says so.

    >>> ended("lbfgs: 5 rows; converged after 8 iterations"), ended("")
    ('converged after 8 iterations', '')
    """
    parts = [choice[2] if (choice := _CHOICE.fullmatch(part)) else part for part in note.split("; ")]
    return next((end for part in reversed(parts) for end in _ending(part)), "")


def _ending(part: str) -> list[str]:
    found = _ENDED.fullmatch(part)
    if found is None:
        return []
    return [_ENDS.get(found[1], found[1] + " after {} iterations").format(found[2])]
