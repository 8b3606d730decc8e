"""What a session's report tells, as data: maps, record, measures, warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

from arteriole.grid import Grid, Volume

RAN = ("done", "reused")
"""States of a step whose results are there."""


class ChiReference(Protocol):
    """What has a chi of zero: ``susceptibility.reference.Reference`` fits."""

    @property
    def region(self) -> str:
        """Name of the region, ``brain`` for the whole mask."""

    @property
    def mean_ppm(self) -> float:
        """Mean chi of the region before it was subtracted, ppm."""

    @property
    def std_ppm(self) -> float:
        """Standard deviation of chi in the region, ppm."""


@dataclass(frozen=True, eq=False)
class Story:
    """Everything a session's page is made from; any map may be missing.

    Parameters
    ----------
    label : str
        Name of the session, such as ``sub-01_ses-02``.
    values : mapping of str to ndarray
        Maps on the grid by name: ``magnitude`` and ``phase`` (e, x, y, z), ``brain_mask``,
        ``qsm_mask``, ``total_field_hz``, ``local_field_hz``, ``field_noise_hz``, ``chi_ppm``,
        ``r2star_hz``, ``swi``, ``minip`` (x, y, z).
    grid : Grid or None
        Where the voxels of the gradient echo are; None in a session without one.
    record : mapping
        The session's ``run.json``: inputs, ignored, scan, steps, versions, warnings.
    settings : mapping of str to mapping
        All settings by section, as ``Settings.to_dict`` gives them.
    measures : sequence of mapping
        Rows of name, region, value, unit, status, words.
    warnings : sequence of str
        Warnings in words, beside those of the record.
    reference : ChiReference, optional
        What chi is relative to.
    simulated : bool
        Whether the images come from the phantom; the page then says so first.
    volumes : mapping of str to Volume
        Images on grids of their own, ``t1w``, ``t2w``, ``flair``, ``ct``, and what was made on
        them: ``t1w_labels``, ``t1w_brain_mask``.
    """

    label: str
    values: Mapping[str, NDArray[Any]]
    grid: Grid | None
    record: Mapping[str, Any]
    settings: Mapping[str, Mapping[str, Any]]
    measures: Sequence[Mapping[str, Any]] = ()
    warnings: Sequence[str] = ()
    reference: ChiReference | None = None
    simulated: bool = False
    volumes: Mapping[str, Volume] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = self.grid.shape if self.grid else None
        for name, value in self.values.items():
            if value.shape[-3:] != shape or value.ndim not in (3, 4):
                raise ValueError(f"{name} has shape {value.shape}, the grid {shape}")

    @property
    def scan_grid(self) -> Grid:
        """Where the voxels of the gradient echo are.

        Raises
        ------
        ValueError
            In a session without one.
        """
        if self.grid is None:
            raise ValueError("the session has no gradient echo")
        return self.grid

    @property
    def images(self) -> Mapping[str, Mapping[str, Any]]:
        """What is known of images on grids of their own, by name."""
        return dict(self.record.get("images") or {})

    @property
    def scan(self) -> Mapping[str, Any]:
        """Facts of the acquisition."""
        return dict(self.record.get("scan") or {})

    @property
    def steps(self) -> Sequence[Mapping[str, Any]]:
        """Steps of the record, in their order."""
        return list(self.record.get("steps") or [])

    @property
    def all_warnings(self) -> list[str]:
        """Warnings of the record and of the story, each once, in their order."""
        return list(dict.fromkeys([*(self.record.get("warnings") or []), *self.warnings]))

    def step(self, name: str) -> Mapping[str, Any]:
        """Return the step of that name; empty when the record has none."""
        return next((step for step in self.steps if step.get("name") == name), {})

    def ran(self, name: str) -> bool:
        """Tell whether results of that step are there."""
        return self.step(name).get("status") in RAN

    def setting(self, section: str, key: str) -> Any:
        """Return a setting as the step used it, else as the run asked for it, else None."""
        used = self.step(section).get("settings") or {}
        used = used.get(section, used)
        return used.get(key, self.settings.get(section, {}).get(key))

    def fact(self, step: str, name: str) -> Any:
        """Return what a step noted down beside its maps, else None."""
        return (self.step(step).get("facts") or {}).get(name)


def why_missing(story: Story, step: str) -> str:
    """Return in words why results of a step are not there."""
    entry = story.step(step)
    if entry.get("reason"):
        return str(entry["reason"])
    if entry.get("status") in RAN:
        return "the map was made, but is not kept at this output level"
    return "the scan does not hold it" if step == "scan" else "this step was not asked for"
