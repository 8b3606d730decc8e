"""A BIDS data set from Python: run all steps, run again, gather and read the tables."""

import csv
from pathlib import Path

from arteriole import Settings
from arteriole.phantom.scanner.protocol import TINY
from arteriole.run.group import gather
from arteriole.run.isolate import Limits
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study
from arteriole.run.study import Study, run_study


def main() -> None:
    raw, out = Path("study"), Path("derivatives")
    if not raw.exists():
        simulate_study(raw, Design(protocols=(TINY,), seed=1))

    # A head of 4 mm voxels shows little anatomy.
    settings = Settings.from_pairs(["anatomy.method=none"])
    study = Study(root=raw, out=out, settings=settings)
    limits = Limits(processes=1, memory_bytes=4 * 2**30)
    for outcome in run_study(study, limits):
        print(outcome.label, outcome.status, ", ".join(outcome.made))

    again = [outcome.status for outcome in run_study(study, limits)]
    print("a second run:", again)

    print(gather(out))
    with (out / "group_measures.tsv").open(newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    for row in rows:
        if row["measure"] == "brain_volume":
            print(row["participant_id"], f"{float(row['value']):.0f}", row["unit"])

    assert set(again) == {"unchanged"}


# Sessions run in child processes, which import this file: nothing may happen at import.
if __name__ == "__main__":
    main()
