"""Gradient-echo protocols as data."""

from __future__ import annotations

from arteriole.phantom.scanner.sequence import Protocol

__all__ = [
    "CLINICAL_T2STAR",
    "DEMO",
    "MULTI_ECHO_1_5T",
    "MULTI_ECHO_3T",
    "MULTI_ECHO_7T",
    "PROTOCOLS",
    "SINGLE_ECHO_SWI",
    "SWI_3T_HIGH",
    "TINY",
    "UKB_SWI",
    "Protocol",
]

DEMO = Protocol(
    name="demo",
    shape=(180, 216, 72),
    voxel_size_mm=(1.0, 1.0, 2.0),
    te_s=(0.005, 0.012, 0.019, 0.026),
    tr_s=0.032,
    flip_deg=15.0,
    tilt_deg=20.0,
    snr=60.0,
)
"""Small, oblique and anisotropic; four echoes for R2*, phase and SWI."""

MULTI_ECHO_3T = Protocol(
    name="multi-echo 3 T",
    shape=(192, 224, 192),
    voxel_size_mm=(1.0, 1.0, 1.0),
    te_s=(0.004, 0.012, 0.020, 0.028),
    tr_s=0.034,
    flip_deg=15.0,
    snr=50.0,
    bandwidth_hz=320.0,
)
"""Isotropic 1 mm QSM at 3 T, near the ISMRM consensus (Bilgic 2024, doi:10.1002/mrm.30006)."""

UKB_SWI = Protocol(
    name="UK Biobank SWI",
    shape=(256, 288, 48),
    voxel_size_mm=(0.8, 0.8, 3.0),
    te_s=(0.00942, 0.020),
    tr_s=0.027,
    flip_deg=15.0,
    tilt_deg=32.5,
    snr=45.0,
    bandwidth_hz=240.0,
)
"""UK Biobank's two-echo SWI (Miller 2016, doi:10.1038/nn.4393), thick oblique slices."""

SINGLE_ECHO_SWI = Protocol(
    name="single-echo SWI",
    shape=(220, 256, 72),
    voxel_size_mm=(0.9, 0.9, 2.0),
    te_s=(0.020,),
    tr_s=0.028,
    flip_deg=15.0,
    tilt_deg=10.0,
    snr=35.0,
    kind="T2starw",
    bandwidth_hz=120.0,
)
"""A clinical one-echo SWI at 3 T."""

MULTI_ECHO_1_5T = Protocol(
    name="multi-echo 1.5 T",
    shape=(192, 224, 96),
    voxel_size_mm=(1.0, 1.0, 2.0),
    te_s=(0.0055, 0.0155, 0.0255, 0.0355, 0.0455),
    tr_s=0.052,
    flip_deg=20.0,
    b0_tesla=1.5,
    snr=35.0,
    bandwidth_hz=160.0,
)
"""QSM at 1.5 T: later echoes and a longer repetition time for the same phase and contrast.

On the choice of echo times: Bilgic 2024 (doi:10.1002/mrm.30006). The figures are our own round
ones.
"""

MULTI_ECHO_7T = Protocol(
    name="multi-echo 7 T",
    shape=(280, 320, 208),
    voxel_size_mm=(0.75, 0.75, 0.75),
    te_s=(0.003, 0.0085, 0.014, 0.0195),
    tr_s=0.025,
    flip_deg=11.0,
    b0_tesla=7.0,
    snr=45.0,
    bandwidth_hz=440.0,
    transmit=0.4,
)
"""Isotropic 0.75 mm QSM at 7 T: short echoes, and flip angles that fall off to the sides.

On the choice of echo times at higher fields: Bilgic 2024 (doi:10.1002/mrm.30006); on the flip
angle: `draw_transmit`. The figures are our own round ones.
"""

CLINICAL_T2STAR = Protocol(
    name="clinical 2-D T2*",
    shape=(256, 256, 26),
    voxel_size_mm=(0.9, 0.9, 6.0),
    te_s=(0.022,),
    tr_s=0.7,
    flip_deg=20.0,
    b0_tesla=1.5,
    tilt_deg=12.0,
    snr=50.0,
    kind="T2starw",
    slice_mm=5.0,
    bandwidth_hz=80.0,
    partial_fourier=(0.875, 1.0, 1.0),
)
"""The 2-D gradient echo of clinical routine: 5 mm slices with gaps of 1 mm, at 1.5 T.

On what such slices do to microbleeds: Greenberg 2009 (doi:10.1016/S1474-4422(09)70013-4). The
figures are our own round ones.
"""

SWI_3T_HIGH = Protocol(
    name="SWI 3 T, high resolution",
    shape=(384, 448, 96),
    voxel_size_mm=(0.5, 0.5, 1.5),
    te_s=(0.020,),
    tr_s=0.028,
    flip_deg=15.0,
    tilt_deg=10.0,
    snr=20.0,
    kind="T2starw",
    bandwidth_hz=120.0,
    partial_fourier=(1.0, 1.0, 0.875),
)
"""SWI at 3 T with 0.5 mm in plane, of the kind that Haacke 2009 (doi:10.3174/ajnr.A1400) reviews.

The figures are our own round ones.
"""

TINY = Protocol(
    name="tiny",
    shape=(48, 56, 44),
    voxel_size_mm=(4.0, 4.0, 4.0),
    te_s=(0.004, 0.010, 0.016),
    tr_s=0.03,
    flip_deg=15.0,
    snr=60.0,
    cell_mm=2.0,
)
"""A whole head in large voxels, for trying things out; nothing fine can be seen in it."""

PROTOCOLS: dict[str, Protocol] = {
    "demo": DEMO,
    "multi-echo-3t": MULTI_ECHO_3T,
    "ukb-swi": UKB_SWI,
    "single-echo-swi": SINGLE_ECHO_SWI,
    "multi-echo-1.5t": MULTI_ECHO_1_5T,
    "multi-echo-7t": MULTI_ECHO_7T,
    "t2star-2d": CLINICAL_T2STAR,
    "swi-3t-high": SWI_3T_HIGH,
    "tiny": TINY,
}
"""Protocols by their name on the command line."""
