from __future__ import annotations

import io

from arteriole.cli.progress import Bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_drawn_without_a_terminal():
    stream = io.StringIO()
    Bar(stream).draw(1, 3)
    assert stream.getvalue() == ""


def test_the_bar_grows_and_goes():
    stream = Terminal()
    bar = Bar(stream)
    bar.draw(1, 3)
    assert stream.getvalue() == f"[{'#' * 10}{'-' * 20}] 1 of 3 sessions"
    bar.draw(2, 3)
    bar.draw(3, 3)
    assert stream.getvalue().endswith("2 of 3 sessions\r\x1b[2K")


def test_one_session_has_no_bar():
    stream = Terminal()
    Bar(stream).draw(0, 1)
    assert stream.getvalue() == ""
