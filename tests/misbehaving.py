"""Sources that crash, hang and swell, for the tests of isolation; importable by child processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arteriole.errors import ImageError
from arteriole.run.job import Chosen, Raw
from arteriole.settings import Settings

_main = os.getpid()


@dataclass(frozen=True)
class Misbehaving:
    """A source that does what its name says when a child chooses from it."""

    deed: str
    main: int = _main

    def parameters(self) -> Mapping[str, Any]:
        return {"deed": self.deed}

    def list_names(self) -> tuple[str, ...]:
        return ()

    def locate(self, name: str) -> str:
        return name

    def name_of(self, path: str) -> str:
        return path

    def choose(self) -> Chosen:
        if os.getpid() == self.main:
            return Chosen((), frozenset())
        if self.deed == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.deed == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.deed == "exit":
            os._exit(7)
        if self.deed == "hang":
            time.sleep(600)
        if self.deed == "swell":
            hold = bytearray(1)
            while True:
                hold += os.urandom(1 << 20) * 16
                time.sleep(0.01)
        if self.deed == "bug":
            raise KeyError("a bug")
        raise ImageError("is broken", file="a.nii", remedy="Export it again.")

    def read(self, settings: Settings) -> Raw:
        raise AssertionError
