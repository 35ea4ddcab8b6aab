"""Texts and numbers as people read them: a screen and a page show the same."""

SHOWN_LETTERS = 40
"""Characters of a name or a value."""


def figure(value: float | None) -> str:
    """A number for people: four significant digits, no more.

    >>> figure(0.96491), figure(12345.6), figure(3), figure(None)
    ('0.9649', '12346', '3', '-')
    """
    if value is None:
        return "-"
    if isinstance(value, int) or abs(value) >= 10_000:
        return f"{value:.0f}" if abs(value) < 1e15 else f"{value:.4g}"
    return f"{value:.4g}"


def visible(text: str, most: int = SHOWN_LETTERS) -> str:
    r"""``text`` with its unprintable characters spelled out, the middle left out if it is longer than ``most``.

    Nothing in it moves a cursor, turns a line round or fills the screen.

    >>> visible("a\x1b[2Jb\u202e"), visible("x" * 100, 9)
    ('a\\x1b[2Jb\\u202e', 'xxxx…xxxx')
    """
    if len(text) > 4 * most:
        text = f"{text[: 2 * most]}…{text[-2 * most :]}"
    spelled = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    if len(spelled) <= most:
        return spelled
    return f"{spelled[: most // 2]}…{spelled[-(most - most // 2 - 1) :]}"
