"""A bar on a terminal; nothing where there is none."""

from __future__ import annotations

import sys
from typing import TextIO

_WIDTH = 30


class Bar:
    """How many sessions of all are finished, in the last line of a terminal.

    Parameters
    ----------
    stream : text stream
        The error stream unless given; without a terminal behind it nothing is drawn.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream if stream is not None else sys.stderr
        self.drawn = False

    def draw(self, finished: int, total: int) -> None:
        """Draw the bar anew; it goes when all are finished."""
        if not self.stream.isatty() or total < 2:
            return
        self.clear()
        if finished < total:
            full = _WIDTH * finished // total
            bar = "#" * full + "-" * (_WIDTH - full)
            self.stream.write(f"[{bar}] {finished} of {total} sessions")
            self.stream.flush()
            self.drawn = True

    def clear(self) -> None:
        """Take the bar away, so that a line can be written."""
        if self.drawn:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()
            self.drawn = False
