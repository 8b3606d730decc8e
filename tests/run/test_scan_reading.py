"""Scans whose receive coils are not combined, read as any other: from files named in order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arteriole.errors import InputError, PhaseError
from arteriole.grid import Grid
from arteriole.io.nifti import write_image
from arteriole.phantom.scanner.channels import coil_maps
from arteriole.run.plain_source import PlainSource
from arteriole.settings import Settings

TE = (0.005, 0.011)
GRID = Grid.from_voxel_size((36, 40, 20), (5.0, 5.0, 7.0), np.eye(3))
COILS = 4


@pytest.fixture
def head(rng):
    """A ball with a field of +-20 Hz, and its echoes as each coil sees them."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in GRID.shape], indexing="ij")
    ball = x**2 + y**2 + z**2 < 0.7
    field_hz = 20 * x + 10 * y * z
    te = np.asarray(TE)[:, None, None, None]
    echoes = 900 * ball * np.exp((2j * np.pi * field_hz - 20) * te)
    noise = 5 * rng.normal(size=(2, COILS, *echoes.shape))
    return ball, field_hz, [
        echoes * b + n[0] + 1j * n[1]
        for b, n in zip(coil_maps(GRID, COILS), np.moveaxis(noise, 1, 0), strict=True)
    ]  # fmt: skip


def source(folder: Path, coils, kinds=("magnitude", "phase"), echoes=2):
    """Write each coil and echo to a file of its own, echo by echo."""
    views = {"magnitude": np.abs, "phase": np.angle, "real": np.real, "imaginary": np.imag}
    named: dict[str, list[Path]] = {kind: [] for kind in kinds}
    for e in range(echoes):
        for c, coil in enumerate(coils):
            for kind in kinds:
                path = folder / f"{kind}_{e}_{c}.nii"
                write_image(path, views[kind](coil[e]).astype(np.float32), GRID)
                named[kind].append(path)
    files = {kind: tuple(paths) for kind, paths in named.items()}
    return PlainSource(**files, te_s=TE[:echoes], b0_tesla=3.0)


def read(source):
    return source.read(Settings.from_pairs([f"scan.coils={COILS}"]))


@pytest.mark.parametrize("kinds", [("magnitude", "phase"), ("real", "imaginary")])
def test_coils_are_combined_when_read(tmp_path, head, kinds):
    ball, field_hz, coils = head
    raw = read(source(tmp_path, coils, kinds))
    assert raw.values["magnitude"].shape == (len(TE), *GRID.shape)
    step = raw.values["phase"][1] - raw.values["phase"][0]
    got = np.angle(np.exp(1j * step)) / (2 * np.pi * (TE[1] - TE[0]))
    assert np.median(np.abs(got - field_hz)[ball]) < 0.5
    assert raw.facts["coils_combined"] == COILS
    assert "4 receive coils combined" in raw.facts["phase_source"]


def test_the_estimate_of_memory_counts_echoes_not_coils(tmp_path, head):
    chosen = source(tmp_path, head[2]).choose()
    assert (chosen.echoes, chosen.given) == (2, {"magnitude", "phase"})


def test_one_echo_of_coils_is_refused(tmp_path, head):
    with pytest.raises(InputError, match=r"magnitude_0_0\.nii: 4 receive coils of one echo"):
        read(source(tmp_path, head[2], echoes=1))


def test_coils_without_phase_are_refused(tmp_path, head):
    with pytest.raises(PhaseError, match="this coil has no phase"):
        read(source(tmp_path, head[2], kinds=("magnitude",)))
