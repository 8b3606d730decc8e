"""Time to list the sessions of a data set of 10,000 participants, and to choose in one.

    python benchmarks/speed_bids_walk.py [participants]

Makes the data set in a temporary folder (one multi-echo scan each, empty files) and prints seconds:
the first walk after its making, the best of five walks, and one choice.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from arteriole.io.bids import find_gradient_echo, find_sessions


def make(root: Path, participants: int) -> None:
    for k in range(participants):
        name = f"sub-{k:05d}"
        anat = root / name / "ses-1" / "anat"
        anat.mkdir(parents=True)
        for echo in (1, 2, 3, 4):
            for part in ("mag", "phase"):
                stem = f"{name}_ses-1_echo-{echo}_part-{part}_MEGRE"
                for extension in (".nii.gz", ".json"):
                    (anat / (stem + extension)).touch()


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    participants = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make(root, participants)
        first = timed(lambda: find_sessions(root))
        best = min(timed(lambda: find_sessions(root)) for _ in range(5))
        sessions = find_sessions(root)
        label = f"sub-{participants // 2:05d}"
        one = timed(lambda: find_sessions(root, [label]))
        choice = timed(lambda: find_gradient_echo(sessions[0]))
    print(f"participants\t{participants}\nsessions\t{len(sessions)}")
    print(f"list all, first\t{first:.3f} s\nlist all, best of 5\t{best:.3f} s")
    print(f"list one\t{one:.5f} s\nchoose in one\t{choice:.4f} s")


if __name__ == "__main__":
    main()
