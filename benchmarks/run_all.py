"""Run the benchmarks one after the other; each writes its table beside it.

    python benchmarks/run_all.py [--quick] [--again]

``--quick`` leaves out those of accuracy that take long. A benchmark that was finished on this
commit is not run a second time unless ``--again`` is given, so that an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
STATE = HERE / ".finished.json"
QUICK = ("speed_chain", "speed_nothing_to_do", "speed_phase", "speed_inversion", "speed_bids_walk")
LONG = (
    "accuracy_chain",
    "accuracy_inversion",
    "accuracy_heads",
    "accuracy_isolated",
    "accuracy_lesions",
    "accuracy_oblique",
    "accuracy_registration",
    "accuracy_deformable",
    "accuracy_segmentation",
    "accuracy_atlas",
    "speed_anatomy",
    "filtered_phase",
    "patch_mode",
    "regions",
    "uncertainty",
    "speed_phantom",
    "memory_methods",
    "beside_real",
)


def commit() -> str:
    """Return the commit that is benchmarked, marked when the tree differs from it."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=HERE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout.strip() or "no commit"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()
    now = commit()
    state = json.loads(STATE.read_text()) if STATE.exists() and not args.again else {}
    finished = set(state.get(now, []))
    for name in (*QUICK, *(() if args.quick else LONG)):
        if name in finished:
            print(f"{name}: finished on {now} already")
            continue
        start = time.perf_counter()
        code = subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode
        print(f"{name}: {'done' if code == 0 else 'FAILED'} in {time.perf_counter() - start:.0f} s")
        if code:
            return code
        finished.add(name)
        STATE.write_text(json.dumps({now: sorted(finished)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
