"""How long a run takes that finds nothing to do, over 10,000 finished sessions.

One tiny session is simulated and processed; its files and record are then copied under 10,000
labels (the images as hard links), and ``arteriole BIDS OUT participant`` is timed, three times.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from arteriole.phantom.scanner.protocol import TINY
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study

TABLE = Path(__file__).with_suffix(".csv")
COMMAND = [sys.executable, "-m", "arteriole.cli.main"]


def multiply(folder: Path, out: Path, subjects: int) -> None:
    """Give the one finished session another ``subjects - 1`` names."""
    raw_names = sorted(p.name for p in (folder / "sub-01/ses-01/anat").iterdir())
    record = json.loads((out / "sub-01/ses-01/run.json").read_text())
    stamps = [s for step in record["steps"] for s in step["outputs"]]
    for i in range(2, subjects + 1):
        label = f"{i:05d}"
        raw = folder / f"sub-{label}/ses-01/anat"
        raw.mkdir(parents=True)
        for name in raw_names:
            os.link(
                folder / "sub-01/ses-01/anat" / name, raw / name.replace("sub-01", f"sub-{label}")
            )
        text = json.dumps(record).replace("sub-01", f"sub-{label}")
        session = out / f"sub-{label}/ses-01"
        (session / "anat").mkdir(parents=True)
        (session / "run.json").write_text(text)
        for stamp in stamps:
            source = out / "sub-01/ses-01" / stamp["file"]
            target = session / stamp["file"].replace("sub-01", f"sub-{label}")
            if not target.exists():
                os.link(source, target)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=10_000)
    sessions = parser.parse_args().sessions
    folder = Path(tempfile.mkdtemp(prefix="arteriole-bench-"))
    raw, out = folder / "bids", folder / "out"
    try:
        simulate_study(raw, Design(protocols=(TINY,), seed=0, cell_mm=2.0, spacing_mm=2.0))
        subprocess.run([*COMMAND, str(raw), str(out), "participant"], check=True)
        multiply(raw, out, sessions)
        rows = []
        for turn in range(3):
            start = time.perf_counter()
            done = subprocess.run(
                [*COMMAND, str(raw), str(out), "participant"],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            seconds = time.perf_counter() - start
            assert f"{sessions} unchanged" in done.stdout, done.stdout
            rows.append({"sessions": sessions, "turn": turn + 1, "seconds": round(seconds, 2)})
            print(rows[-1])
        with TABLE.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
