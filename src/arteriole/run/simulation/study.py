"""Simulated studies: digital heads, a digital scanner, a BIDS data set with the truth in it."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from arteriole.errors import OutputError
from arteriole.numerics.threads import threads
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.session import SessionJob, simulate_session, subject_head
from arteriole.run.simulation.top import write_top


def simulate_study(
    folder: Path,
    design: Design,
    *,
    processes: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[str]:
    """Write a simulated study: a BIDS data set, with the truth in ``truth/``.

    Parameters
    ----------
    folder : Path
        Made here; must not exist, or be empty. Nothing is left of it if a session fails.
    design : Design
        Who is scanned, how, and what is written: it alone decides the bytes.
    processes : int
        Sessions at a time.
    progress : callable, optional
        Called with the name of each finished session.

    Returns
    -------
    list of str
        Names of the sessions, ``sub-01_ses-01`` and so on.

    Raises
    ------
    ValueError
        If ``processes`` is below one.
    OutputError
        If the folder exists and is not empty, or cannot be written.
    """
    if processes < 1:
        raise ValueError(f"processes count from one, not {processes}")
    folder = Path(folder)
    refuse_existing(folder)
    part = folder.with_name(folder.name + ".part")
    refuse_existing(part)
    jobs = [
        SessionJob(part, design, subject, session, max(1, threads() // processes))
        for subject in design.subject_labels
        for session in design.session_labels
    ]
    try:
        write_top(part, design)
        _run(jobs, processes, progress or (lambda _: None))
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        subject_head.cache_clear()
    return [job.name for job in jobs]


def refuse_existing(folder: Path) -> None:
    """Refuse to write over anything."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise OutputError(
            "exists already", file=folder, remedy="Name a new folder, or remove this one."
        )


def _run(jobs: list[SessionJob], processes: int, progress: Callable[[str], None]) -> None:
    """Simulate the sessions, several at a time if asked."""
    if processes == 1 or len(jobs) == 1:
        for job in jobs:
            progress(simulate_session(job))
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(min(processes, len(jobs)), mp_context=context) as pool:
        waiting = [pool.submit(simulate_session, job) for job in jobs]
        try:
            for done in as_completed(waiting):
                progress(done.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
