"""Raw values from a session of a BIDS data set."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arteriole.io.bids import Session, find_gradient_echo, list_names
from arteriole.io.choice import Choice
from arteriole.run.chosen import chosen_of, raw_of
from arteriole.run.job import Chosen, Raw
from arteriole.settings import Settings


@dataclass(frozen=True)
class BidsSource:
    """A session of a BIDS data set.

    Parameters
    ----------
    root : Path
        The data set.
    session : Session
        One of ``find_sessions``.
    filters : mapping
        Entities that the gradient echo must have.
    shared : tuple of str
        Names of the sidecars at the root, which every session inherits.
    """

    root: Path
    session: Session
    filters: Mapping[str, Any] = field(default_factory=dict)
    shared: tuple[str, ...] = ()

    def parameters(self) -> Mapping[str, Any]:
        """Return the filters."""
        return {"filters": dict(self.filters)}

    def list_names(self) -> tuple[str, ...]:
        """Return the names in the session's folders and those of inherited sidecars."""
        return (*self.shared, *list_names(self.session))

    def locate(self, name: str) -> str:
        """Return where a file of the record lies now."""
        return f"{self.root}/{name}"

    def name_of(self, path: str) -> str:
        """Return a file's name below the root."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def choose(self) -> Chosen:
        """Choose one gradient echo of the session by the stated rule."""
        choice = self._choice()
        entities = "".join(f"_{key}-{value}" for key, value in choice.entities)
        return chosen_of(choice, prefix=f"{self.session.label}{entities}_")

    def read(self, settings: Settings) -> Raw:
        """Read magnitude and phase."""
        # Reading needs the kernels; who only lists sessions does without.
        from arteriole.run.scan_reading import read_scan

        choice = self._choice()
        return raw_of(read_scan(choice, settings=settings.scan), choice.rule)

    def _choice(self) -> Choice:
        return find_gradient_echo(self.session, filters=self.filters)
