from __future__ import annotations

import pytest

from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.memory import check_memory, estimate_memory_mib
from arteriole.phantom.scanner.protocol import DEMO, SWI_3T_HIGH, TINY, UKB_SWI


def test_larger_scans_want_more():
    wants = [estimate_memory_mib(p) for p in (TINY, DEMO, UKB_SWI, SWI_3T_HIGH)]
    assert wants == sorted(wants)
    assert wants[2] < 4096
    assert wants[3] < 8192
    assert estimate_memory_mib(SWI_3T_HIGH, 1.0) < estimate_memory_mib(SWI_3T_HIGH)


def test_refusal_says_how_much_and_what_would_fit(head):
    with pytest.raises(MemoryError, match=r"needs about \d+ MiB, 1700 MiB are allowed; cells"):
        acquire(head, UKB_SWI, seed=1, memory_limit_mib=1700)
    with pytest.raises(MemoryError, match="fewer or larger voxels"):
        check_memory(UKB_SWI, limit_mib=200)
    check_memory(UKB_SWI, limit_mib=None)
    check_memory(TINY, limit_mib=1000)
