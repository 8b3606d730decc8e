"""A BIDS data set brought up to date: its sessions as jobs, their outcomes as lines."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arteriole.errors import DatasetError
from arteriole.io.atomic import write_json, write_text
from arteriole.io.bids import Session, find_sessions
from arteriole.run.beside import WithBeside
from arteriole.run.beside_bids import SessionFiles
from arteriole.run.bids_source import BidsSource
from arteriole.run.fresh import nothing_to_do
from arteriole.run.images import BidsImages, WithImages
from arteriole.run.isolate import Limits, run_jobs
from arteriole.run.job import Job, Outcome, Source
from arteriole.run.keys import request_key
from arteriole.settings import Settings
from arteriole.version import __version__

BIDS_IGNORE = (
    "*_swi.*",
    "*_minIP.*",
    "*_phasequality.*",
    "*_fieldmap.*",
    "*_measures.*",
    "*_xfm.*",
    "ct",
    "*.html",
    "logs",
    "**/run.json",
    "**/consensus.json",
    "group_*",
)
"""What BIDS has no name for; field maps it has only as scans, beside a magnitude, in ``fmap/``."""

README = """Derivatives made by arteriole
=============================

One page a session: sub-*.html. Open it in any browser. One record a session: run.json tells the
files that were read, every step with its settings, and why a step did not run. Maps are in anat/,
each with its unit in the JSON file beside it; measures.tsv holds the numbers.

Research use only, not a medical device.
"""


@dataclass(frozen=True)
class Study:
    """What was asked of a data set.

    Parameters
    ----------
    root, out : Path
        The raw data set, and the folder of derivatives.
    settings : Settings
        All settings.
    participants, sessions : tuple of str or None
        Labels without ``sub-`` and ``ses-``; everybody unless given.
    filters : mapping
        Entities that gradient echo and images must have, in sections (`io.bids_filter`).
    derivatives : Path or None
        Folder of derivatives that holds maps of regions of the same sessions.
    """

    root: Path
    out: Path
    settings: Settings
    participants: tuple[str, ...] | None = None
    sessions: tuple[str, ...] | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    derivatives: Path | None = None
    seed: int = 0
    force: tuple[str, ...] = ()
    verify: bool = False
    break_lock: bool = False
    threads: int = 1


def study_jobs(study: Study) -> list[Job]:
    """Return the jobs of a study, one a session.

    Raises
    ------
    DatasetError
        When the folder is not a BIDS data set, or nobody in it was asked for.
    """
    if study.derivatives is not None and not study.derivatives.is_dir():
        raise DatasetError(f"{study.derivatives}: there is no such folder of derivatives.")
    found = find_sessions(
        study.root, participant_labels=study.participants, session_labels=study.sessions
    )
    if not found:
        raise DatasetError(
            f"{study.root}: none of the participants and sessions asked for are in this data set. "
            "Look at its sub-* folders, and at --participant-label and --session-label."
        )
    shared = tuple(sorted(name for name in os.listdir(study.root) if name.endswith(".json")))
    return [_job(study, session, shared) for session in found]


def run_study(
    study: Study,
    limits: Limits,
    *,
    stop_on_first_crash: bool = False,
    told: Callable[[Outcome, int, int], None] | None = None,
) -> list[Outcome]:
    """Bring every session of a study up to date.

    ``told`` hears of each as it finishes, with the number of finished sessions and of all.
    """
    jobs = study_jobs(study)
    prepare_output(study)
    outcomes: list[Outcome] = []
    for outcome in _outcomes(jobs, limits, stop_on_first_crash):
        outcomes.append(outcome)
        if told is not None:
            told(outcome, len(outcomes), len(jobs))
    return outcomes


def _outcomes(jobs: Sequence[Job], limits: Limits, stop: bool) -> Iterator[Outcome]:
    request = request_key(jobs[0])
    waiting: list[Job] = []
    for job in jobs:
        if nothing_to_do(job, request=request):
            yield Outcome(job.label, "unchanged")
        else:
            waiting.append(job)
    yield from run_jobs(waiting, limits, stop_on_first_crash=stop)


def prepare_output(study: Study) -> None:
    """Make the derivatives folder a BIDS data set of its own; refuse one of another program.

    Raises
    ------
    DatasetError
        When the output lies in the place of the raw data, or belongs to another program.
    OutputError
        When the folder cannot be written.
    """
    out, root = study.out.resolve(), study.root.resolve()
    if out == root:
        raise DatasetError(f"{study.out}: the output cannot be the raw data set itself.")
    described = out / "dataset_description.json"
    if described.exists():
        _refuse_foreign(described)
    else:
        write_json(described, _description(root))
        write_text(out / ".bidsignore", "\n".join(BIDS_IGNORE) + "\n")
        write_text(out / "README", README)
    participants = root / "participants.tsv"
    if participants.exists() and not (out / "participants.tsv").exists():
        shutil.copyfile(participants, out / "participants.tsv")


def _refuse_foreign(described: Path) -> None:
    try:
        makers = json.loads(described.read_text())["GeneratedBy"]
        ours = any(maker.get("Name") == "arteriole" for maker in makers)
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        ours = False
    if not ours:
        raise DatasetError(
            f"{described.parent}: this folder belongs to another data set. "
            "Give an empty or new folder for the output."
        )


def _description(root: Path) -> dict[str, Any]:
    try:
        name = json.loads((root / "dataset_description.json").read_text())["Name"]
    except (OSError, ValueError, KeyError, TypeError):
        name = root.name
    return {
        "Name": f"{name}: arteriole derivatives",
        "BIDSVersion": "1.10.0",
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "arteriole", "Version": __version__}],
        "SourceDatasets": [{"URL": "", "Version": ""}],
    }


def _source(study: Study, session: Session, shared: tuple[str, ...]) -> Source:
    """Return a session's gradient echo, what lies beside it if asked for, and its other images."""
    filters = dict(study.filters)
    scan: Source = BidsSource(study.root, session, filters, shared)
    want_r2 = study.settings.separation.method != "none"
    if study.derivatives is not None or want_r2:
        scan = WithBeside(scan, SessionFiles(session, study.derivatives, want_r2))
    return WithImages(scan, BidsImages(session, filters))


def _job(study: Study, session: Session, shared: tuple[str, ...]) -> Job:
    source = _source(study, session, shared)
    folder = study.out / session.folder_name
    return Job(
        label=session.label,
        source=source,
        folder=folder,
        images=folder / "anat",
        report=study.out / f"{session.label}.html",
        log=study.out / "logs" / f"{session.label}.log",
        settings=study.settings,
        subject=session.subject,
        session=session.session or "",
        seed=study.seed,
        force=study.force,
        verify=study.verify,
        break_lock=study.break_lock,
        threads=study.threads,
    )
