"""Sessions in child processes: a crash, a kill or a hang of one costs that one."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from arteriole.errors import ArterioleError, InputError
from arteriole.flow import STEPS
from arteriole.run.children import children_context
from arteriole.run.job import Job, Outcome
from arteriole.run.memory import estimate_bytes, resident_bytes

_LOOK_S = 0.5


@dataclass(frozen=True)
class Limits:
    """What the children may use together.

    Parameters
    ----------
    processes : int
        Sessions at a time.
    memory_bytes : int
        Resident memory of all of them.
    session_s : float
        Longest time a session may take.
    """

    processes: int
    memory_bytes: int
    session_s: float = 7200.0


@dataclass(eq=False)
class _Child:
    job: Job
    process: BaseProcess
    answers: Connection
    estimate: int
    started: float


def run_jobs(
    jobs: Iterable[Job], limits: Limits, *, stop_on_first_crash: bool = False
) -> Iterator[Outcome]:
    """Run each job in a child process; give their outcomes as they finish.

    A session starts when a process is free and its estimated memory fits beside the running ones;
    one that does not fit even alone is started alone. Closing the iterator stops the children.
    """
    waiting = deque(jobs)
    running: list[_Child] = []
    if waiting:
        children_context()
    try:
        while waiting or running:
            _start_some(waiting, running, limits)
            for child, outcome in _collect(running, limits):
                running.remove(child)
                yield outcome
                if stop_on_first_crash and outcome.status == "failed":
                    return
    finally:
        for child in running:
            child.process.terminate()
        for child in running:
            child.process.join(5)


def estimate_memory(job: Job) -> int:
    """Estimate the memory a job will want, from headers alone; 0 when they cannot be read."""
    try:
        chosen = job.source.choose()
    except InputError:
        return 0
    return estimate_bytes(
        STEPS,
        voxels=chosen.voxels,
        echoes=chosen.echoes,
        settings=job.settings,
        images=chosen.image_voxels,
    )


def _start_some(waiting: deque[Job], running: list[_Child], limits: Limits) -> None:
    while waiting and len(running) < limits.processes:
        estimate = estimate_memory(waiting[0])
        in_use = sum(child.estimate for child in running)
        if running and in_use + estimate > limits.memory_bytes:
            return
        running.append(
            _start(replace(waiting.popleft(), memory_bytes=limits.memory_bytes), estimate)
        )


def _start(job: Job, estimate: int) -> _Child:
    context = children_context()
    answers, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(job, theirs), name=job.label)
    process.start()
    theirs.close()
    return _Child(job, process, answers, estimate, time.monotonic())


def _collect(running: list[_Child], limits: Limits) -> Iterator[tuple[_Child, Outcome]]:
    """Wait a moment; give the children that are done, dead, too big or too slow."""
    wait([child.answers for child in running], timeout=_LOOK_S)
    for child in list(running):
        outcome = _answer(child)
        if outcome is None:
            outcome = _overstepped(child, limits)
        if outcome is not None:
            child.process.join()
            yield child, outcome


def _answer(child: _Child) -> Outcome | None:
    """Return what a child sent, or how it died; None while it works."""
    if not child.answers.poll():
        return None
    try:
        outcome = child.answers.recv()
    except EOFError:
        child.process.join()
        return _outcome(child, _last_words(child.process.exitcode))
    assert isinstance(outcome, Outcome)
    return outcome


def _overstepped(child: _Child, limits: Limits) -> Outcome | None:
    """Stop a child that takes too much memory or time."""
    seconds = time.monotonic() - child.started
    used = resident_bytes(child.process.pid or 0)
    if seconds > limits.session_s:
        why = f"stopped after {seconds / 60:.0f} minutes; --session-timeout allows more"
    elif used > limits.memory_bytes:
        why = f"stopped at {used / 2**30:.1f} GiB of memory; --mem allows more"
    else:
        return None
    child.process.kill()
    return _outcome(child, why)


def _outcome(child: _Child, why: str) -> Outcome:
    seconds = time.monotonic() - child.started
    return Outcome(child.job.label, "failed", f"{why}; what it had finished is kept", (), seconds)


def _last_words(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        name = signal.Signals(-exitcode).name
        hint = " (the machine may be out of memory: --mem, --nprocs)" if exitcode == -9 else ""
        return f"its process was ended by {name}{hint}"
    return f"its process ended with code {exitcode} and no answer"


def _work(job: Job, answers: Connection) -> None:
    """Run one job in the child and send its outcome."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answers.send(guarded(_run, job))
    answers.close()


def _run(job: Job) -> Outcome:
    from arteriole.run.session import run_session

    return run_session(job)


def guarded(run: Callable[[Job], Outcome], job: Job) -> Outcome:
    """Run a job; turn what it raises on purpose, or not, into an outcome."""
    try:
        return run(job)
    except ArterioleError as error:
        return Outcome(job.label, "failed", str(error))
    except MemoryError:
        return Outcome(job.label, "failed", "out of memory; try fewer processes (--nprocs)")
    except Exception as error:  # noqa: BLE001  (the boundary of a session)
        return Outcome(job.label, "failed", f"unexpected {type(error).__name__}: {error}")


def _end_with_parent() -> None:
    """End this process when the main one is gone, however that happened."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        with contextlib.suppress(OSError):
            wait([parent.sentinel])
            os._exit(1)
