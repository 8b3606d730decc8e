"""Raw values from plain files: echoes, or a field map to start later."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from arteriole.errors import CommandError, GeometryError, ImageError, InputError, MetadataError
from arteriole.grid import Grid
from arteriole.io.choice import Choice, plain_choice
from arteriole.io.nifti import check_one_volume, read_header, read_image
from arteriole.run.chosen import NO_PHASE, input_files, raw_of
from arteriole.run.job import Chosen, InputFile, Raw
from arteriole.settings import Settings
from arteriole.step import Acquisition
from arteriole.units import hz_per_ppm, rad_to_hz

NO_MAGNITUDE = "no magnitude was given"
ASSUMED_TESLA = 3.0
"""Field strength by which a map in ppm is turned to Hz and back when none is given."""


@dataclass(frozen=True)
class PlainSource:
    """Images given by path: raw echoes, or a field map to start later.

    Parameters
    ----------
    magnitude, phase : tuple of Path
        One file an echo, or one 4-D file; of coils that are not combined, see `split_coils`.
    real, imaginary : tuple of Path
        The same in their place.
    te_s, b0_tesla, b0_direction : optional
        Instead of sidecars and affine.
    mask, total_field, local_field, noise : Path, optional
        Brain mask, and a field map with its noise in ``field_unit``.
    field_unit : {"ppm", "hz", "rad"}, optional
        Unit of the field map; rad needs one echo time.
    """

    magnitude: tuple[Path, ...] = ()
    phase: tuple[Path, ...] = ()
    te_s: tuple[float, ...] | None = None
    b0_tesla: float | None = None
    b0_direction: tuple[float, float, float] | None = None
    mask: Path | None = None
    total_field: Path | None = None
    local_field: Path | None = None
    noise: Path | None = None
    field_unit: str | None = None
    real: tuple[Path, ...] = ()
    imaginary: tuple[Path, ...] = ()

    def parameters(self) -> Mapping[str, Any]:
        """Return what was said beside the files."""
        said = ("te_s", "b0_tesla", "b0_direction", "field_unit")
        return {name: getattr(self, name) for name in said}

    def list_names(self) -> tuple[str, ...]:
        """Return the names of the files, with the sidecars that are there now."""
        return tuple(sorted(file.name for file in self._files()))

    def locate(self, name: str) -> str:
        """Return where a file of the record lies now."""
        return next(str(file.path) for file in self._files() if file.name == name)

    def name_of(self, path: str) -> str:
        """Return a file's own name."""
        return Path(path).name

    def choose(self) -> Chosen:
        """Tell what the files give."""
        echoes = self.magnitude or self.real
        with_phase = self.phase or self.imaginary
        given = {"magnitude"} if echoes else set()
        given |= {"phase"} if with_phase else set()
        absent = {} if echoes else {"magnitude": NO_MAGNITUDE}
        absent |= {} if with_phase else {"phase": NO_PHASE}
        first = (echoes or (self._field_path(),))[0]
        given |= set(self._maps())
        if self.local_field is not None and self.mask is not None:
            given.add("qsm_mask")
        header = read_header(first)
        volumes = len(self.te_s or ()) or (len(echoes) if len(echoes) > 1 else header.volumes)
        voxels = math.prod(header.grid.shape)
        return Chosen(self._files(), frozenset(given), absent, voxels=voxels, echoes=volumes)

    def read(self, settings: Settings) -> Raw:
        """Read raw echoes, the field map, the mask."""
        maps, grid = self._read_maps()
        if not (self.magnitude or self.real):
            return self._from_field(maps, grid)
        # Reading needs the kernels; who only lists files does without.
        from arteriole.run.scan_reading import read_scan

        files = read_scan(
            self._choice(),
            settings=settings.scan,
            te_s=self.te_s,
            b0_tesla=self.b0_tesla,
            b0_direction=self.b0_direction,
        )
        raw = raw_of(files, "the files named on the command line")
        if grid is not None and not grid.fits(files.scan.grid):
            raise GeometryError(
                "lies on another grid than the magnitude",
                file=(self._field_path(optional=True) or self.mask),
                remedy="Resample it to the magnitude first.",
            )
        values = self._in_hz(maps, files.scan.b0_tesla, files.scan.te_s)
        return Raw(dict(raw.values) | values, raw.acquisition, raw.facts, raw.notes)

    def _files(self) -> tuple[InputFile, ...]:
        files = list(input_files(self._choice())) if self.magnitude or self.real else []
        for name, path in self._maps().items():
            files.append(InputFile(path, path.name, name.replace("_", " ")))
        return tuple(files)

    def _choice(self) -> Choice:
        return plain_choice(self.magnitude, self.phase, reals=self.real, imaginaries=self.imaginary)

    def _maps(self) -> dict[str, Path]:
        """Return the maps given, by the name of their value."""
        named = {
            "brain_mask": self.mask,
            "total_field_hz": self.total_field,
            "local_field_hz": self.local_field,
            "field_noise_hz": self.noise,
        }
        return {name: path for name, path in named.items() if path is not None}

    def _field_path(self, *, optional: bool = False) -> Any:
        path = self.local_field or self.total_field or self.mask
        if path is None and not optional:
            raise CommandError("neither magnitude nor a field map was given")
        return path

    def _read_maps(self) -> tuple[dict[str, Any], Grid | None]:
        maps: dict[str, Any] = {}
        grid: Grid | None = None
        for name, path in self._maps().items():
            image = read_image(path)
            check_one_volume(image, path)
            if grid is not None and not grid.fits(image.grid):
                raise GeometryError(
                    "lies on another grid than the other maps", file=path,
                    remedy="Resample it first.",
                )  # fmt: skip
            grid = image.grid
            maps[name] = _checked_mask(image.data, path) if name == "brain_mask" else image.data
        mask = maps.get("brain_mask")
        for name, path in self._maps().items():
            if name != "brain_mask":
                maps[name] = _finite_inside(maps[name], mask, path)
        return maps, grid

    def _from_field(self, maps: dict[str, Any], grid: Grid | None) -> Raw:
        assert grid is not None
        notes = []
        tesla = self.b0_tesla
        if tesla is None and self.field_unit == "ppm":
            tesla = ASSUMED_TESLA
            notes.append(
                f"no field strength was given: maps in Hz are those of {tesla:g} T; "
                "chi does not depend on it"
            )
        if tesla is None:
            raise MetadataError(
                f"a field map in {self.field_unit} needs the field strength",
                file=self._field_path(),
                remedy="Give --b0.",
            )
        direction = _unit(self.b0_direction) if self.b0_direction else grid.b0_direction
        values = self._in_hz(maps, tesla, self.te_s or ())
        facts = {
            "b0_tesla": tesla,
            "te_s": list(self.te_s or ()),
            "shape": list(grid.shape),
            "voxel_size_mm": [round(size, 6) for size in grid.voxel_size_mm],
            "b0_direction": [round(x, 6) for x in direction],
            "phase_source": f"none: started from a field map in {self.field_unit}",
        }
        acquisition = Acquisition(grid, tesla, direction, self.te_s or ())
        return Raw(values, acquisition, facts, tuple(notes))

    def _in_hz(
        self, maps: dict[str, Any], b0_tesla: float, te_s: Sequence[float]
    ) -> dict[str, Any]:
        """Return the maps with fields in Hz; a local field brings its mask for QSM."""
        factor = self._hz_per_unit(b0_tesla, te_s)
        values = {
            name: data if name == "brain_mask" else (data * np.float32(factor))
            for name, data in maps.items()
        }
        if "local_field_hz" in values and "brain_mask" in values:
            values["qsm_mask"] = values["brain_mask"]
        return values

    def _hz_per_unit(self, b0_tesla: float, te_s: Sequence[float]) -> float:
        if self.field_unit == "ppm":
            return hz_per_ppm(b0_tesla)
        if self.field_unit == "rad":
            if len(te_s) != 1:
                raise MetadataError(
                    "a field map in rad needs the one echo time that it belongs to",
                    file=self._field_path(),
                    remedy="Give it as --te, in seconds.",
                )
            return rad_to_hz(1.0, te_s[0])
        return 1.0


def _checked_mask(data: Any, path: Path) -> Any:
    mask = np.asarray(data) > 0.5
    if not mask.any():
        raise ImageError("the mask is empty", file=path, remedy="Give a mask of the brain.")
    return mask


def _finite_inside(data: Any, mask: Any, path: Path) -> Any:
    """Refuse a map without numbers where it counts; outside, what is no number becomes 0."""
    finite = np.isfinite(data)
    if mask is not None and not finite[mask].all():
        raise ImageError(
            f"{int((~finite & mask).sum())} voxels inside the mask hold no number (NaN)",
            file=path,
            remedy="Leave them out of the mask.",
        )
    return np.where(finite, data, np.float32(0)).astype(np.float32, copy=False)


def _unit(direction: Sequence[float]) -> tuple[float, float, float]:
    length = math.sqrt(sum(x * x for x in direction))
    if not (math.isfinite(length) and length > 0):
        raise InputError("a field direction has a length", remedy="Give three numbers, not all 0.")
    return (direction[0] / length, direction[1] / length, direction[2] / length)
