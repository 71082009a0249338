"""Python source, laid out as formatters lay it out: on one line if it fits, else one part on each."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

WIDTH: Final = 100
_LONGEST: Final = 120
_INDENT: Final = "    "
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Call:
    """Something in brackets: a call, a tuple, a dict.

    Args:
        open: up to and with the opening bracket.
        parts: between the brackets.
        close: the closing bracket.
    """

    open: str
    parts: tuple[Expression, ...]
    close: str = ")"


@dataclass(frozen=True, slots=True)
class Named:
    """A part with something before it: a keyword argument, an entry of a dict."""

    before: str
    value: Expression


Expression: TypeAlias = str | Call | Named


def one_line(expression: Expression) -> str:
    """Return an expression on one line, however long."""
    if isinstance(expression, str):
        return expression
    if isinstance(expression, Named):
        return expression.before + one_line(expression.value)
    parts = ", ".join(map(one_line, expression.parts))
    if expression.open == "(" and len(expression.parts) == 1:
        parts += ","
    return expression.open + parts + expression.close


def _lay_out(expression: Expression, before: str, after: str, indent: int) -> Iterator[str]:
    text = f"{_INDENT * indent}{before}{one_line(expression)}{after}"
    if isinstance(expression, Named):
        yield from _lay_out(expression.value, before + expression.before, after, indent)
    elif isinstance(expression, str) or not expression.parts or len(text) <= _room(expression):
        yield text
    else:
        yield f"{_INDENT * indent}{before}{expression.open}"
        for part in expression.parts:
            yield from _lay_out(part, "", ",", indent + 1)
        yield f"{_INDENT * indent}{expression.close}{after}"


def _room(expression: Call) -> int:
    """Return how long a line may be: formatters heed the comma that keeps lines apart, but not in a tuple of one."""
    return _LONGEST if expression.open == "(" and len(expression.parts) == 1 else WIDTH


class Source:
    """Lines of code, gathered in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._indent = 0

    def line(self, text: str = "") -> None:
        """Add a line, or a blank one."""
        self.lines.append(f"{_INDENT * self._indent}{text}" if text else "")

    def put(self, before: str, expression: Expression, after: str = "") -> None:
        """Add a statement that ends in an expression."""
        self.lines.extend(_lay_out(expression, before, after, self._indent))

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Add a header line, then what is added within, indented."""
        self.line(header)
        with self.indented():
            yield

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Indent what is added within."""
        self._indent += 1
        yield
        self._indent -= 1

    @contextmanager
    def function(self, name: str, params: Sequence[str], result: str) -> Iterator[None]:
        """Add the head of a function, then its body; a parameter that the body does not use gets an underscore."""
        start = len(self.lines)
        with self.indented():
            yield
        body = self.lines[start:]
        del self.lines[start:]
        used = set(_WORD.findall("\n".join(body)))
        marked = [param if _WORD.findall(param)[0] in used else f"_{param}" for param in params]
        self.put("def ", Call(f"{name}(", tuple(marked)), f" -> {result}:")
        self.lines += body

    def docstring(self, text: str) -> None:
        """Add a docstring, wrapped; white space and control characters within it are not kept."""
        printable = "".join(char if char.isprintable() else " " for char in text)
        words = " ".join(printable.split()).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        if words.endswith('"'):
            words = f'{words[:-1]}\\"'
        room = WIDTH - len(_INDENT) * self._indent
        lines = textwrap.wrap(words, room - 6, break_long_words=False, break_on_hyphens=False) or [""]
        if len(lines) == 1:
            self.line(f'"""{lines[0]}"""')
            return
        self.line(f'"""{lines[0]}')
        for line in lines[1:]:
            self.line(line)
        self.line('"""')

    def take(self, other: Source) -> None:
        """Add the lines of another source, at this one's indentation."""
        for line in other.lines:
            self.line(line)

    def text(self) -> str:
        """Return all lines."""
        return "".join(f"{line}\n" for line in self.lines)


def quoted(text: str) -> str:
    """Return a string literal, in double quotes unless single ones spare escapes."""
    body = "".join(char if char.isprintable() and char != "\\" else _escaped(char) for char in text)
    quote = "'" if body.count('"') > body.count("'") else '"'
    return quote + body.replace(quote, f"\\{quote}") + quote


def quoted_bytes(data: bytes) -> str:
    """Return a bytes literal, as ``quoted``."""
    body = "".join(chr(byte) if 32 <= byte < 127 and byte != 92 else _escaped(chr(byte)) for byte in data)
    quote = "'" if body.count('"') > body.count("'") else '"'
    return f"b{quote}" + body.replace(quote, f"\\{quote}") + quote


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()
