from __future__ import annotations

import logging

from hangarstack.broker.quiet import Seldom


def line(text: str) -> logging.LogRecord:
    return logging.LogRecord("librdkafka", logging.ERROR, "", 0, text, None, None)


def test_a_line_that_differs_only_in_numbers_is_told_once_a_minute() -> None:
    now = [0.0]
    seldom = Seldom(lambda: now[0])
    assert seldom.filter(line("broker 1: refused after 3 ms"))
    assert not seldom.filter(line("broker 1: refused after 12 ms"))
    assert seldom.filter(line("authentication failed"))
    now[0] = 61
    assert seldom.filter(line("broker 1: refused after 5 ms"))


def test_it_remembers_a_bounded_number_of_lines() -> None:
    seldom = Seldom(lambda: 0.0)
    for number in range(1000):
        assert seldom.filter(line("x" * number))
