"""What a text offers in Python, found by reading it: the judge of errors, which have to say the same as values."""

import ast
import re

_BEGINS = re.compile(
    r"Data\.from_(?:csv|file)\(path, |Data\.from_pandas\(frame, |\b(?:Model\(name=|Dataset\(|model\.train\()"
    r"|\b(?:kinds|exclude|missing|decimal|day_first|header|bad_rows|names|sheet|label|algorithm)=(?=[\[{('\"\dTF.])"
)
_ENDS = re.compile(r"[\]})'\"\d.]|True|False")


def offered(text: str) -> list[str]:
    """The calls and arguments that stand in ``text``, in their order."""
    found, at = [], 0
    while (begin := _BEGINS.search(text, at)) is not None:
        is_call = begin[0].endswith(("(", ", ", "name="))
        at = begin.end()
        for end in _ENDS.finditer(text, begin.end() - 1):
            said = text[begin.start() : end.end()]
            try:
                read = ast.parse(said if is_call else f"f({said})", mode="eval").body
            except SyntaxError:
                continue
            method = not is_call or (isinstance(read, ast.Call) and isinstance(read.func, ast.Attribute))
            if method and not (not is_call and text[end.end() : end.end() + 2] == ".."):
                found.append(said)
                at = end.end()
                break
    return found
