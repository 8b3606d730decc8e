"""The server that child processes are forked from, with the heavy modules already imported."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

_PRELOADED = ["arteriole.run.session", "arteriole.report.session"]


def children_context() -> ForkServerContext:
    """Return the context to start children with; the server starts with the first of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def start_server() -> None:
    """Start the server now, so that its imports go on beside those of this process."""
    children_context()
    forkserver.ensure_running()
