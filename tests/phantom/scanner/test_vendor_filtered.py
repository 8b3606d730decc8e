"""A scanner's SWI phase, made of a simulated scan, is not taken for phase that holds a field."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.scanner.vendor_swi import vendor_highpass
from arteriole.phase.filtered import detect_filtered_phase


def verdict(scan, phase, inside=None):
    return detect_filtered_phase(
        phase, scan.magnitude, te_s=scan.te_s, b0_tesla=scan.b0_tesla,
        voxel_size_mm=scan.grid.voxel_size_mm, mask=inside,
    )  # fmt: skip


@pytest.mark.parametrize("with_mask", [True, False])
def test_unfiltered_phase_is_taken(scanned, with_mask):
    scan, truth = scanned
    found = verdict(scan, scan.phase, truth.brain_mask if with_mask else None)
    assert not found.filtered
    assert found.score > 0.85


@pytest.mark.parametrize("with_mask", [True, False])
@pytest.mark.parametrize(
    ("sign", "lines", "slice_axis"),
    [(1, 64, 2), (-1, 64, 2), (1, 32, 2), (1, 32, None), (1, 16, 2)],
)
def test_high_passed_phase_is_refused(scanned, sign, lines, slice_axis, with_mask):
    """Windows of 16 to 64 lines (11 to 3 mm), in either sign, with a mask or not: below 0.25."""
    scan, truth = scanned
    phase = np.stack(
        [
            sign * vendor_highpass(m, p, lines=lines, slice_axis=slice_axis)
            for m, p in zip(scan.magnitude, scan.phase, strict=True)
        ]
    )
    found = verdict(scan, phase, truth.brain_mask if with_mask else None)
    assert found.filtered
    assert found.score < 0.25
