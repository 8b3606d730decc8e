"""What the package carries that it did not compute: templates, atlases, weights, from one table."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

FREE = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "CC0-1.0", "CC-BY-4.0", "LicenseRef-MNI"}
)
"""Licences that may ship. LicenseRef-MNI is the notice in ``brain/atlas/data/MNI_NOTICE.txt``."""


@dataclass(frozen=True)
class Source:
    """What a carried file was made from."""

    what: str
    licence: str


@dataclass(frozen=True)
class Shipped:
    """A carried file.

    Parameters
    ----------
    file, card : str
        Paths inside the package: the file, and the page that describes it.
    version : int
        Raised when the file changes.
    licence : str
        SPDX name, or one of `FREE`.
    sha256 : str
        Of the file's bytes.
    inputs : tuple of Source
        What it was made from.
    """

    file: str
    version: int
    licence: str
    sha256: str
    card: str
    inputs: tuple[Source, ...]


def shipped_files() -> tuple[Shipped, ...]:
    """Return the rows of ``registry.toml``."""
    table = tomllib.loads(files("arteriole").joinpath("registry.toml").read_text("utf-8"))
    return tuple(
        Shipped(**(row | {"inputs": tuple(Source(**one) for one in row["inputs"])}))
        for row in table["shipped"]
    )


def faults(row: Shipped) -> list[str]:
    """Return what is wrong with a row and its file, in words; nothing if all is right.

    Parameters
    ----------
    row : Shipped
        A row of the table.

    Returns
    -------
    list of str
        Of: the file or its card is absent, its bytes are others, a licence is not free.
    """
    found = [
        f"{row.file}: licence {name!r} of {what} is not among {sorted(FREE)}"
        for what, name in [("the file", row.licence), *((s.what, s.licence) for s in row.inputs)]
        if name not in FREE
    ]
    if not row.inputs:
        found.append(f"{row.file}: made from nothing that is named")
    if not _inside(row.card).is_file():
        found.append(f"{row.file}: there is no card {row.card}")
    if not _inside(row.file).is_file():
        return [*found, f"{row.file}: not there"]
    digest = hashlib.sha256(_inside(row.file).read_bytes()).hexdigest()
    if digest != row.sha256:
        found.append(f"{row.file}: its SHA-256 is {digest}, the table has {row.sha256}")
    return found


def _inside(path: str) -> Traversable:
    return files("arteriole").joinpath(*path.split("/"))
