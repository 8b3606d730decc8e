"""One head's surface and deep veins for all tests of vessels."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.growth import Tree
from arteriole.phantom.vessels.medullary import medullary_veins
from arteriole.phantom.vessels.pial import Surface, brain_surface


@pytest.fixture(scope="session")
def anatomy(head) -> Anatomy:
    return head.anatomy


@pytest.fixture(scope="session")
def surface(anatomy: Anatomy) -> Surface:
    return brain_surface(anatomy, np.random.default_rng(1))


@pytest.fixture(scope="session")
def medullary(anatomy: Anatomy) -> Tree:
    return medullary_veins(anatomy, np.random.default_rng(2))
