"""arteriole: cerebral small vessel disease, from the scanner's files to numbers one can trust."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from arteriole.version import __version__

_HOME = {
    "ArterioleError": "arteriole.errors",
    "GradientEcho": "arteriole.scan.gradient_echo",
    "Grid": "arteriole.grid",
    "Settings": "arteriole.settings",
}

__all__ = ["ArterioleError", "GradientEcho", "Grid", "Settings", "__version__"]

if TYPE_CHECKING:
    from arteriole.errors import ArterioleError
    from arteriole.grid import Grid
    from arteriole.scan.gradient_echo import GradientEcho
    from arteriole.settings import Settings


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import arteriole`` is quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'arteriole' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
