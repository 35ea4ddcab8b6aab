"""A page of HTML as a test looks at it: whether it is balanced, what is on it, and whether anything could run."""

from html.parser import HTMLParser

VOID = {"meta", "br", "img", "input", "link", "hr"}
"""Elements without an end."""


class Page(HTMLParser):
    """Its elements with their attributes, its texts, and what is wrong with its nesting."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.wrong: list[str] = []
        self._open: list[str] = []
        self._texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        self._texts.append((self._open[-1] if self._open else "", data))

    @property
    def said(self) -> str:
        """All its texts but the style, one behind the other."""
        return " ".join(text for tag, text in self._texts if tag != "style")

    def texts_of(self, tag: str) -> list[str]:
        """The text right inside each element of that name."""
        return [text for own, text in self._texts if own == tag]

    def tags(self) -> set[str]:
        """The names of its elements."""
        return {tag for tag, _ in self.elements}
