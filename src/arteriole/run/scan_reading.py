"""A scan read from its files; receive coils that are not combined yet are combined first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from arteriole.errors import InputError
from arteriole.io.choice import ROLES, Choice
from arteriole.io.coil_files import CoilFiles
from arteriole.io.coil_split import split_coils
from arteriole.io.gradient_echo import ScanFiles, read_gradient_echo
from arteriole.phase.coils import combine_coils
from arteriole.settings import ScanSettings


def read_scan(
    choice: Choice,
    *,
    settings: ScanSettings,
    te_s: Sequence[float] | None = None,
    b0_tesla: float | None = None,
    b0_direction: tuple[float, float, float] | None = None,
) -> ScanFiles:
    """Read a gradient-echo scan, with its coils combined by MCPC-3D-S if they are not.

    Parameters
    ----------
    choice : Choice
        Its files.
    settings : ScanSettings
        How to read them.
    te_s, b0_tesla, b0_direction : optional
        As `read_gradient_echo`.

    Raises
    ------
    InputError
        As `read_gradient_echo`; or if coils lack phase, differ, or have one echo only.
    """
    coils = split_coils(choice, coils=settings.coils, te_s=te_s)
    if not coils:
        return read_gradient_echo(
            choice, settings=settings, te_s=te_s, b0_tesla=b0_tesla, b0_direction=b0_direction
        )
    files = CoilFiles(
        coils, settings=settings, te_s=te_s, b0_tesla=b0_tesla, b0_direction=b0_direction
    )
    return _combined(choice, files)


def _combined(choice: Choice, files: CoilFiles) -> ScanFiles:
    """Combine the coils, and say so."""
    first = files.first
    if first.scan.echoes < 2:
        raise InputError(
            f"{len(files)} receive coils of one echo: coils are combined by the phase that grows "
            "between two echoes",
            file=choice.files[0].path,
            remedy="Let the scanner combine them, or give two echoes or more.",
        )
    combined = combine_coils(files, first.scan.te_s, voxel_size_mm=first.scan.grid.voxel_size_mm)
    scan = replace(first.scan, magnitude=np.abs(combined), phase=np.angle(combined))
    source = f"{first.facts['phase_source']}; {len(files)} receive coils combined (MCPC-3D-S)"
    used = dict.fromkeys((choice.name(f.path), ROLES[f.part]) for f in choice.files)
    inputs = [{"file": name, "role": role} for name, role in used]
    facts = first.facts | {"phase_source": source, "coils_combined": len(files)}
    return ScanFiles(scan, facts, inputs, first.ignored, first.notes)
