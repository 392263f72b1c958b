r"""Any text inside Markdown that gives back exactly that text, and that no text can break out of.

Two escapes of CommonMark are used: a backslash before ASCII punctuation, and numeric references (``&#10;``). Text
without special characters is written as it is, so that files stay readable and can be edited by hand.
"""

from __future__ import annotations

import re

from labelqa.text import harmless

_PUNCTUATION = r"!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~"
_ESCAPED = re.compile(rf"\\([{_PUNCTUATION}])|&#x([0-9a-fA-F]{{1,6}});|&#([0-9]{{1,7}});")
_SPECIAL = re.compile(r"\\|&(?=#|[A-Za-z][A-Za-z0-9]*;)|<(?=[A-Za-z/!?])")
_MARKUP = re.compile(r"[`*~\[\]]|(?<![^\W_])_|_(?![^\W_])")  # an underscore within a word is none
_SPAN = re.compile(r"[\\`]|&(?=#)")
_BLOCK_START = re.compile(r"#|```|~~~|(?:-+|=+|\*+|_+)$|\[[^\]]*\]:|[-*+]\s*Evidence\b")
_CLOSING_HASHES = re.compile(r"(?:(?<=\s)|^)#(?=#*$)")
_LINE_ENDS = re.compile(r"(\n+)")
_LINE_END = "&#10;"


def escape_line(text: str) -> str:
    r"""Return `text` on one line, its line ends written as references.

    Examples
    --------
    >>> print(escape_line("a <b> & c"))
    a \<b> & c
    """
    return _edges(_on_one_line(_SPECIAL.sub(r"\\\g<0>", text)))


def escape_name(text: str) -> str:
    """Return `text` for a heading: on one line, with nothing in it that Markdown would take for markup."""
    plain = _MARKUP.sub(r"\\\g<0>", _SPECIAL.sub(r"\\\g<0>", text))
    return _edges(_on_one_line(_CLOSING_HASHES.sub(r"\\#", plain)))


def escape_span(text: str) -> str:
    """Return `text` between backticks, which it cannot end."""
    plain = _SPAN.sub(r"\\\g<0>", text)
    return f"`{_edges(_on_one_line(plain))}`"


def escape_block(text: str, *, first_is_start: bool) -> list[str]:
    r"""Return `text` as lines, none of which starts a heading, a code block or an entry of evidence.

    A blank line between two others is written as it is; further ones, and those at the ends, as references.

    Parameters
    ----------
    text : str
        The text.
    first_is_start : bool
        Whether the first line starts a line of the file too.

    Examples
    --------
    >>> escape_block("# a\n\n\nb\n", first_is_start=True)
    ['\\# a&#10;', '', 'b&#10;']
    """
    inner = text.strip("\n")
    head = len(text) - len(text.lstrip("\n")) if inner else len(text)
    lines = [""]
    for at, piece in enumerate(_LINE_ENDS.split(inner)):
        if at % 2:
            lines[-1] += _LINE_END * (len(piece) - 2)
            lines += [""] * min(len(piece), 2)
        else:
            lines[-1] = _block_line(piece, is_start=first_is_start or at > 0)
    lines[0] = _LINE_END * head + lines[0]
    lines[-1] += _LINE_END * (len(text) - head - len(inner))
    return lines


def unescape(written: str) -> str:
    r"""Return the text that was escaped.

    Examples
    --------
    >>> unescape(r"a \<b>&#10;&amp; \n")
    'a <b>\n&amp; \\n'
    """
    return _ESCAPED.sub(_meant, written)


def _meant(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    code = int(match[2], 16) if match[2] is not None else int(match[3])
    return chr(code) if code <= 0x10FFFF else match[0]


def _block_line(text: str, *, is_start: bool) -> str:
    line = escape_line(text)
    return f"\\{line}" if is_start and _BLOCK_START.match(line) else line


def _on_one_line(text: str) -> str:
    line = text.replace("\n", _LINE_END)
    if harmless(line) == line:
        return line
    return "".join(c if harmless(c) == c else f"&#x{ord(c):x};" for c in line)


def _edges(line: str) -> str:
    """Return `line` with a space at its start and at its end as references: editors cut those off."""
    if line[-1:].isspace():
        line = f"{line[:-1]}&#{ord(line[-1])};"
    return f"&#{ord(line[0])};{line[1:]}" if line[:1].isspace() else line
