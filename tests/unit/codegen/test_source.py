from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangarstack.codegen.source import WIDTH, Call, Named, Source, quoted, quoted_bytes


@given(st.text())
def test_a_text_literal_means_the_text(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text


@given(st.binary())
def test_a_bytes_literal_means_the_bytes(data: bytes) -> None:
    assert ast.literal_eval(quoted_bytes(data)) == data


@pytest.mark.parametrize(("text", "literal"), [("a", '"a"'), ('"', "'\"'"), ("'", '"\'"'), ("\n\x00é", '"\\n\\x00é"')])
def test_a_literal_is_in_double_quotes_unless_single_ones_spare_escapes(text: str, literal: str) -> None:
    assert quoted(text) == literal


def test_a_call_that_fits_stays_on_one_line() -> None:
    source = Source()
    source.put("x = ", Call("f(", ("a", Named("b=", "1"))))
    assert source.lines == ["x = f(a, b=1)"]


def test_a_call_that_does_not_fit_has_one_part_on_each_line() -> None:
    source = Source()
    with source.block("if True:"):
        source.put("x = ", Call("f(", ("a" * 50, Named("b=", Call("g(", ("c" * 50, "d" * 50))))), " + 1")
    long, close = "c" * 50, "d" * 50
    assert source.lines[1:] == [
        "    x = f(",
        f"        {'a' * 50},",
        "        b=g(",
        f"            {long},",
        f"            {close},",
        "        ),",
        "    ) + 1",
    ]


@given(st.text())
def test_a_docstring_is_one_whatever_its_words(text: str) -> None:
    source = Source()
    with source.block("def f():"):
        source.docstring(text)
    function = ast.parse(source.text()).body[0]
    assert isinstance(function, ast.FunctionDef)
    words = "".join(char if char.isprintable() else " " for char in text).split()
    assert (ast.get_docstring(function) or "").split() == words


def test_a_long_docstring_is_wrapped() -> None:
    source = Source()
    source.docstring("word " * 100)
    assert max(map(len, source.lines)) <= WIDTH
    assert source.lines[-1] == '"""'


def test_a_parameter_that_is_not_used_is_marked() -> None:
    source = Source()
    with source.function("f", ("used: int", "other: int"), "int"):
        source.line("return used")
    assert source.lines[0] == "def f(used: int, _other: int) -> int:"
