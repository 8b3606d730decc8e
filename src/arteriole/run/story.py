"""From the record and the maps of a session to its table and its page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from arteriole.brain.region_map import RegionMap
from arteriole.grid import Grid, Volume
from arteriole.io.atomic import write_json
from arteriole.io.tables import write_tsv
from arteriole.report.consensus import consensus_table
from arteriole.report.session import write_session_report
from arteriole.report.story import Story
from arteriole.run.job import Job
from arteriole.run.measures import (
    COLUMNS,
    MEASURES,
    dictionary,
    measure_rows,
    session_rows,
)
from arteriole.run.moved import moved_references
from arteriole.run.record import FileStamp, Record
from arteriole.susceptibility.reference import Reference


def tell(
    job: Job, record: Record, values: Mapping[str, Any], grid: Grid | None, *, prefix: str
) -> list[FileStamp]:
    """Write measures, consensus table and page of a session; name the files."""
    rows = session_rows(record)
    values = dict(values) | moved_references(values, grid)
    story = Story(
        label=record.label,
        values=_arrays(values),
        grid=grid,
        record=record.to_dict(),
        settings=job.settings.to_dict(),
        measures=[
            {"name": m.name, "words": m.about} | row for m, row in zip(MEASURES, rows, strict=True)
        ]
        if grid is not None
        else [],
        warnings=record.warnings,
        reference=_reference(record),
        simulated=_simulated(record),
        volumes={name: value for name, value in values.items() if isinstance(value, Volume)},
    )
    measures = job.folder / f"{prefix}measures.tsv"
    write_tsv(measures, measure_rows(record), columns=COLUMNS)
    write_json(measures.with_suffix(".json"), dictionary())
    made = [measures, measures.with_suffix(".json")]
    if grid is not None:
        made.append(job.folder / "consensus.json")
        write_json(made[-1], {"source": "doi:10.1002/mrm.30006", "rows": consensus_table(story)})
    write_session_report(job.report, story)
    made.append(job.report)
    return [FileStamp.of(path, os.path.relpath(path, job.folder)) for path in made]


def _arrays(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what lies on the grid of the gradient echo."""
    arrays = {name: one for name, one in values.items() if isinstance(one, np.ndarray)}
    regions = values.get("regions")
    return arrays | ({"regions": regions.labels} if isinstance(regions, RegionMap) else {})


def _simulated(record: Record) -> bool:
    """Tell whether any image comes from the phantom."""
    return any(facts.get("simulated") for facts in (record.scan, *record.images.values()))


def _reference(record: Record) -> Reference | None:
    entry = record.step("susceptibility")
    if entry is None or "reference" not in entry.facts:
        return None
    return Reference(**entry.facts["reference"])
