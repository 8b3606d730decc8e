"""Protocols of T1-, T2- and fluid-attenuated images as data.

Times are our own round ones, near what the named methods are run with in clinical studies.
"""

from __future__ import annotations

from dataclasses import replace

from arteriole.phantom.scanner.weighted_sequence import WeightedProtocol

T1W_1MM = WeightedProtocol(
    name="T1w 1 mm",
    kind="T1w",
    sequence="prepared gradient echo",
    shape=(192, 240, 224),
    voxel_size_mm=(1.0, 1.0, 1.0),
    tr_s=2.3,
    te_s=0.003,
    ti_s=0.9,
    flip_deg=9.0,
    pulses=176,
    spacing_s=0.0071,
    snr=40.0,
    fat=0.7,
    centre_mm=(0.0, -16.0, -6.0),
)
"""MPRAGE of 1 mm at 3 T."""

T2W_1MM = WeightedProtocol(
    name="T2w 1 mm",
    kind="T2w",
    sequence="spin echo",
    shape=(192, 240, 224),
    voxel_size_mm=(1.0, 1.0, 1.0),
    tr_s=3.2,
    te_s=0.1,
    train_s=0.6,
    snr=40.0,
    taper=0.3,
    flow=0.4,
    fat=0.7,
    centre_mm=(0.0, -16.0, -6.0),
)
"""3-D turbo spin echo of 1 mm at 3 T; its echo time is the one that matters for contrast."""

FLAIR_1MM = WeightedProtocol(
    name="FLAIR 1 mm",
    kind="FLAIR",
    sequence="inversion spin echo",
    shape=(192, 240, 224),
    voxel_size_mm=(1.0, 1.0, 1.0),
    tr_s=6.0,
    te_s=0.12,
    ti_s=1.87,
    train_s=0.7,
    snr=25.0,
    fat=0.15,
    taper=0.3,
    flow=0.1,
    centre_mm=(0.0, -16.0, -6.0),
)
"""3-D FLAIR of 1 mm at 3 T with fat suppression; its echo time as in `T2W_1MM`."""

FLAIR_THICK = WeightedProtocol(
    name="FLAIR 5 mm",
    kind="FLAIR",
    sequence="inversion spin echo",
    shape=(256, 256, 28),
    voxel_size_mm=(0.9, 0.9, 6.0),
    tr_s=9.0,
    te_s=0.1,
    ti_s=2.5,
    train_s=0.2,
    slice_mm=5.0,
    tilt_deg=12.0,
    snr=40.0,
    taper=0.3,
    flow=0.5,
    fat=0.7,
    centre_mm=(0.0, -16.0, 0.0),
)
"""2-D FLAIR of clinical routine: 5 mm slices with gaps of 1 mm."""

T1W_THICK = WeightedProtocol(
    name="T1w 5 mm",
    kind="T1w",
    sequence="spin echo",
    shape=(256, 256, 28),
    voxel_size_mm=(0.9, 0.9, 6.0),
    tr_s=0.5,
    te_s=0.01,
    b0_tesla=1.5,
    slice_mm=5.0,
    tilt_deg=12.0,
    snr=45.0,
    taper=0.3,
    centre_mm=(0.0, -16.0, 0.0),
)
"""2-D spin echo of clinical routine at 1.5 T."""

T2W_THICK = replace(
    T1W_THICK,
    name="T2w 5 mm",
    kind="T2w",
    tr_s=4.5,
    te_s=0.1,
    train_s=0.2,
    b0_tesla=3.0,
    flow=0.5,
    fat=0.8,
)
"""2-D turbo spin echo of clinical routine."""

TINY_FLAIR = replace(
    FLAIR_1MM,
    name="tiny FLAIR",
    shape=(48, 60, 56),
    voxel_size_mm=(4.0, 4.0, 4.0),
    cell_mm=2.0,
)
"""A whole head in large voxels, for trying things out."""

WEIGHTED_PROTOCOLS: dict[str, WeightedProtocol] = {
    "t1w-1mm": T1W_1MM,
    "t2w-1mm": T2W_1MM,
    "flair-1mm": FLAIR_1MM,
    "flair-thick": FLAIR_THICK,
    "t1w-thick": T1W_THICK,
    "t2w-thick": T2W_THICK,
    "flair-tiny": TINY_FLAIR,
}
"""Protocols by their name on the command line."""
