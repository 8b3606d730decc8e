from __future__ import annotations

import pytest

from arteriole.phantom import tissue
from arteriole.phantom.scanner.hounsfield import HU_120, SOFT_HU, hounsfield
from arteriole.phantom.tissue import TISSUES


def test_every_tissue_has_its_number_at_120_kvp():
    made = hounsfield()
    assert sorted(HU_120) == list(range(len(TISSUES)))
    assert made.tolist() == [HU_120[row] for row in range(len(TISSUES))]
    assert made[tissue.AIR] == -1000.0


def test_calcium_follows_the_voltage_by_hand():
    # bone: 60 + (1350 - 60) * 1.43 at 80 kVp; half-way between 80 and 100 kVp: 1.30
    assert hounsfield(kvp=80)[tissue.BONE] == pytest.approx(60 + 1290 * 1.43)
    assert hounsfield(kvp=90)[tissue.CALCIFICATION] == pytest.approx(40 + 410 * 1.30)
    changed = hounsfield(kvp=80) != hounsfield(kvp=140)
    assert set(changed.nonzero()[0].tolist()) == set(SOFT_HU)


def test_blood_follows_haematocrit():
    assert hounsfield(haematocrit=0.45)[tissue.VEIN] == pytest.approx(12 + 90 * 0.45)
    assert hounsfield(haematocrit=0.30)[tissue.GREY] == HU_120[tissue.GREY]


@pytest.mark.parametrize("kvp", [60.0, 150.0])
def test_refuses_other_voltages(kvp):
    with pytest.raises(ValueError, match=f"not {kvp}"):
        hounsfield(kvp=kvp)
