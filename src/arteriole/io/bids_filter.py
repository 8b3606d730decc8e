"""Filters of a BIDS filter file: which entities a scan must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arteriole.errors import SettingsError
from arteriole.io.bids_names import BidsName

_SHORT = {"acquisition": "acq", "reconstruction": "rec", "direction": "dir", "ceagent": "ce"}
_NAMES = ("acq", "rec", "dir", "ce", "run", "suffix", "datatype", "chunk")


def conditions_of(filters: Mapping[str, Any], section: str) -> dict[str, Any]:
    """Return the conditions of a section by short entity names.

    Parameters
    ----------
    filters : mapping
        As in fMRIPrep's filter file: ``{"megre": {"acquisition": "swi"}, "t1w": {...}}``. A value
        may be a list of choices, or null for an entity that must be absent. For ``megre``, the
        inner part may stand alone.
    section : str
        ``megre``, ``t1w``, ``t2w``, ``flair``, ``swi`` or ``ct``.

    Raises
    ------
    SettingsError
        If the section is no table, or names an unknown entity.
    """
    inner = filters.get(section, filters if section == "megre" else {})
    if not isinstance(inner, Mapping):
        raise SettingsError(f"the filter for {section} must be a table of entities, not {inner!r}")
    if inner is filters and all(isinstance(v, Mapping) for v in filters.values()):
        # A filter file of another program's, or one with nothing to say on this scan.
        inner = {}
    conditions = {_SHORT.get(key, key): value for key, value in inner.items()}
    unknown = [key for key in conditions if key not in _NAMES]
    if unknown:
        raise SettingsError(f"the filter names {unknown[0]!r}; it can name {', '.join(_NAMES)}")
    return conditions


def meets(name: BidsName, folder: str, conditions: Mapping[str, Any]) -> bool:
    """Tell whether a file's name and folder meet all conditions."""
    for key, wanted in conditions.items():
        got = {"suffix": name.suffix, "datatype": folder}.get(key)
        got = got or name.entities.get(key)
        options = wanted if isinstance(wanted, list | tuple) else [wanted]
        if not any(_equal(got, option) for option in options):
            return False
    return True


def _equal(got: str | None, wanted: object) -> bool:
    """Compare a label with what is wanted; run 1 is run 01."""
    if got is None or wanted is None:
        return got is wanted
    text = str(wanted)
    return got == text or (got.isdigit() and text.isdigit() and int(got) == int(text))
