"""One small head and one small scan for all tests of the phantom."""

from __future__ import annotations

import pytest

from arteriole.phantom.head import Head, make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.truth import Truth
from arteriole.scan.gradient_echo import GradientEcho

SMALL = Protocol(
    name="small",
    shape=(80, 96, 28),
    voxel_size_mm=(2.2, 2.2, 2.8),
    te_s=(0.006, 0.014, 0.022),
    tr_s=0.03,
    flip_deg=15.0,
    tilt_deg=25.0,
    turn_deg=6.0,
    snr=80.0,
    centre_mm=(0.0, -12.0, 14.0),
)
CELL_MM = 1.4


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    return SMALL


@pytest.fixture(scope="session")
def head() -> Head:
    return make_head(seed=11, spacing_mm=2.0)


@pytest.fixture(scope="session")
def scanned(head: Head) -> tuple[GradientEcho, Truth]:
    return acquire(head, SMALL, seed=4, cell_mm=CELL_MM)


@pytest.fixture(scope="session")
def bare(head: Head) -> tuple[GradientEcho, Truth]:
    """Scan the head without lesions, noise-free."""
    return acquire(head.with_lesions(), SMALL, seed=4, cell_mm=CELL_MM, noise=False)
