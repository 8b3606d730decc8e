"""What a step of the flow is: named values in, named values out, with facts for the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from arteriole.grid import Grid
from arteriole.settings import Settings


@dataclass(frozen=True, eq=False)
class Acquisition:
    """What every step may know of a scan beside its voxels.

    Parameters
    ----------
    grid : Grid
        Where the voxels are.
    b0_tesla : float
        Main field strength.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    te_s : tuple of float
        Echo times in seconds; empty when the flow starts from a field map.
    """

    grid: Grid
    b0_tesla: float
    b0_direction: tuple[float, float, float]
    te_s: tuple[float, ...] = ()


class NotApplicableError(Exception):
    """A step cannot say anything about this scan; its message says why, in words for the report."""


@dataclass(frozen=True)
class Result:
    """What a step gives: values by name, facts for the record, warnings in words."""

    values: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


Work = Callable[[Mapping[str, Any], Acquisition, Settings], Result]


def later(where: str) -> Work:
    """Return the work of a step, ``package.module:function`` of this package, imported when called.

    Examples
    --------
    >>> later("brain.stage:mask_brain").__name__
    'arteriole.brain.stage:mask_brain'
    """
    module, _, name = f"arteriole.{where}".partition(":")

    def work(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
        result: Result = getattr(import_module(module), name)(given, scan, settings)
        return result

    work.__name__ = f"{module}:{name}"
    return work


@dataclass(frozen=True)
class Step:
    """One stage of the flow.

    Parameters
    ----------
    name : str
        As in the record and ``--force``.
    version : int
        Raised whenever the same input gives another result.
    work : callable
        Takes the values it needs, the acquisition and the settings.
    needs, may_use, makes : tuple of str
        Names of values: without one of ``needs`` the step is skipped, ``may_use`` are taken when
        there.
    settings : tuple of str
        Sections of the settings that change the result.
    bytes_per_voxel, bytes_per_echo_voxel : float
        Peak memory beyond what the process holds when idle, as measured, for the estimate.
    off : tuple of 3 str, optional
        Section, key and value of the setting that switches the step off.
    when : mapping of str to tuple of 3 str
        Values of ``may_use`` that are taken under one setting only: section, key and value of it.
    """

    name: str
    version: int
    work: Work
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    may_use: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    bytes_per_voxel: float = 0.0
    bytes_per_echo_voxel: float = 0.0
    off: tuple[str, str, str] | None = None
    when: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)

    def is_off(self, settings: Settings) -> bool:
        """Tell whether the settings switch the step off."""
        return self.off is not None and _holds(self.off, settings)

    def inputs(self, settings: Settings) -> tuple[str, ...]:
        """Return the names of values that count under these settings."""
        left_out = {name for name, rule in self.when.items() if not _holds(rule, settings)}
        return tuple(name for name in (*self.needs, *self.may_use) if name not in left_out)


def _holds(rule: tuple[str, str, str], settings: Settings) -> bool:
    section, key, value = rule
    return bool(getattr(getattr(settings, section), key) == value)
