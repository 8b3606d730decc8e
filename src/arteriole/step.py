"""What a step of the flow is: named values in, named values out, with facts for the record."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
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


Work = Callable[[Mapping[str, Any], Acquisition | None, Settings], Result]
"""Takes values by name, the gradient echo's acquisition (None in a session without), settings."""


def later(where: str, **said: Any) -> Work:
    """Return the work of a step, ``package.module:function`` of this package, imported when called.

    What is ``said`` is passed on by keyword: one function may serve several images.

    Examples
    --------
    >>> later("brain.stage:mask_brain").__name__
    'arteriole.brain.stage:mask_brain'
    """
    module, _, name = f"arteriole.{where}".partition(":")

    def work(given: Mapping[str, Any], scan: Acquisition | None, settings: Settings) -> Result:
        result: Result = getattr(import_module(module), name)(given, scan, settings, **said)
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
    needs, needs_one, may_use, makes : tuple of str
        Names of values: without one of ``needs``, or without all of ``needs_one``, the step is
        skipped; ``may_use`` are taken when there.
    settings : tuple of str
        Sections of the settings that change the result.
    bytes_per_voxel, bytes_per_echo_voxel : float
        Peak memory beyond what the process holds when idle, as measured, for the estimate.
    off : tuple of 3 str, optional
        Section, key and value of the setting that switches the step off.
    when : mapping of str to tuple of 3 str
        Values of ``may_use`` that are taken under one setting only: section, key and value of it.
    image : str
        The image that the step is about, ``gre`` for the gradient echo: sessions without it do
        without the step, and its size counts for memory.
    bytes_fixed : float
        Peak memory that does not grow with the image.
    data, libraries : tuple of str
        Files of this package (weights, atlas) and installed libraries that the result depends on:
        the content of the files and the minor versions count in the key.
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
    needs_one: tuple[str, ...] = ()
    image: str = ""
    bytes_fixed: float = 0.0
    data: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()

    def is_off(self, settings: Settings) -> bool:
        """Tell whether the settings switch the step off."""
        return self.off is not None and _holds(self.off, settings)

    def inputs(self, settings: Settings) -> tuple[str, ...]:
        """Return the names of values that count under these settings."""
        left_out = {name for name, rule in self.when.items() if not _holds(rule, settings)}
        every = (*self.needs, *self.needs_one, *self.may_use)
        return tuple(name for name in every if name not in left_out)

    def lacking(self, there: Container[str]) -> str | None:
        """Return the name of a value without which the step cannot run; None if it can."""
        if self.needs_one and not any(name in there for name in self.needs_one):
            return self.needs_one[0]
        return next((name for name in self.needs if name not in there), None)


def _holds(rule: tuple[str, str, str], settings: Settings) -> bool:
    section, key, value = rule
    return bool(getattr(getattr(settings, section), key) == value)
