from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.lesions.extent import lesions_of
from arteriole.phantom.lesions.grades import potter_grade, slice_count, true_grades
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.lesions.patch import patch
from arteriole.phantom.vessels.tubes import Tubes


def ball(regions, centre, radius):
    room = patch(np.asarray(centre, dtype=float), radius + 2, min(radius / 6, 0.8))
    level = radius - np.linalg.norm(room.points_mm - centre, axis=1)
    solid = room.structure("ball", tissue.HYPERINTENSITY, level)
    return lesions_of("hyperintensity", [("punctate", (solid,))], regions)[0]


def shell(terrain, regions, thick):
    level = np.minimum(thick - terrain.from_ventricle, terrain.from_ventricle)
    solid = terrain.structure("shell", tissue.HYPERINTENSITY, level)
    return lesions_of("hyperintensity", [("band", (solid,))], regions)[0]


def tube(x, low, high):
    truth = LesionTruth(
        "perivascular space", (x, 0.0, 40.0), 1.0, 0.0, "", "left", "", "centrum semiovale"
    )
    ends = [np.array([[x, 0.0, z]], dtype=np.float32) for z in (low, high)]
    radius = np.full((1, 2), 0.4, dtype=np.float32)
    zero = np.zeros(1, dtype=np.float32)
    return Lesion(
        truth, tubes=Tubes(tissue.PERIVASCULAR, *ends, radius, zero, zero.astype(np.int32))
    )


@pytest.mark.parametrize(("thick", "grade"), [(3.0, 1), (4.6, 1), (7.0, 2), (9.8, 2), (11.5, 3)])
def test_a_shell_of_known_thickness_has_its_grade(terrain, regions, thick, grade):
    found = true_grades(regions, [shell(terrain, regions, thick)])
    assert found.fazekas_periventricular == grade
    assert thick - 0.9 < found.periventricular_reach_mm <= thick + 0.3
    assert found.fazekas_deep == 0


@pytest.mark.parametrize(("radius", "grade"), [(1.2, 0), (2.0, 1), (4.5, 1), (6.0, 2), (11.0, 3)])
def test_a_ball_far_from_the_ventricle_has_its_grade(terrain, regions, radius, grade):
    far = np.argwhere(terrain.from_ventricle > 18)
    centre = terrain.world(far[len(far) // 2])
    found = true_grades(regions, [ball(regions, centre, radius)])
    assert (found.fazekas_periventricular, found.fazekas_deep) == (0, grade)
    assert found.deep_diameter_mm == pytest.approx(2 * radius, abs=0.8)
    assert found.wmh_volume_ml == pytest.approx(4 / 3 * np.pi * radius**3 / 1000, rel=0.03)


def test_nothing_has_grade_nothing(regions):
    found = true_grades(regions, [])
    assert found.fazekas_periventricular == found.fazekas_deep == found.lacunes == 0
    assert found.pvs_basal_ganglia == found.pvs_centrum_semiovale == 0


@pytest.mark.parametrize(
    ("count", "grade"), [(0, 0), (1, 1), (10, 1), (11, 2), (20, 2), (21, 3), (40, 3), (41, 4)]
)
def test_potters_classes(count, grade):
    assert potter_grade(count) == grade


def test_the_slice_with_most_on_the_worse_side_counts(regions):
    left = [tube(-20.0 - i, 30.0, 36.0) for i in range(4)]
    later = [tube(-20.0 - i, 50.0, 56.0) for i in range(6)]
    right = [tube(20.0 + i, 30.0, 36.0) for i in range(5)]
    lesions = [*left, *later, *right]
    assert slice_count(regions, lesions, "centrum semiovale") == 6
    assert slice_count(regions, lesions, "basal ganglia") == 0
    across = slice_count(regions, lesions, "centrum semiovale", normal=(1.0, 0.0, 0.0))
    assert across == 6
    assert slice_count(regions, lesions, "centrum semiovale", slice_mm=40.0) == 10


def test_refuses(regions):
    with pytest.raises(ValueError, match="positive thickness, not 0"):
        true_grades(regions, [], slice_mm=0)
    with pytest.raises(ValueError, match="count from zero, not -2"):
        potter_grade(-2)
