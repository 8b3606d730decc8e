"""Regions and empty ground of the small head."""

from __future__ import annotations

import pytest

from arteriole.phantom.lesions.ground import Ground
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.lesions.terrain import Terrain, survey


@pytest.fixture(scope="session")
def regions(head) -> Regions:
    return Regions(head.anatomy)


@pytest.fixture
def ground(regions) -> Ground:
    return Ground(regions)


@pytest.fixture(scope="session")
def terrain(head) -> Terrain:
    return survey(head.anatomy)
