"""The server that child processes are forked from, with the heavy modules already imported."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

from arteriole.flow import STEPS

_PRELOADED = [
    "arteriole.run.preload",
    "arteriole.run.session",
    "arteriole.report.session",
    "nibabel",
]


def children_context() -> ForkServerContext:
    """Return the context to start children with, and start their server.

    It imports while this process reads headers.
    """
    context = multiprocessing.get_context("forkserver")
    stages = sorted({step.work.__name__.partition(":")[0] for step in STEPS})
    context.set_forkserver_preload([*_PRELOADED, *stages])
    forkserver.ensure_running()
    return context
