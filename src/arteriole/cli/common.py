"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from arteriole.errors import CommandError, SettingsError
from arteriole.settings import PRESETS, Settings


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose methods and outputs."""
    group = parser.add_argument_group("methods")
    group.add_argument("--preset", choices=tuple(PRESETS), default="default",
                       help="named settings that --config and --set may change: default, or fast "
                       "(quicker, less accurate)")  # fmt: skip
    group.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")
    group.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE",
        help="one setting, e.g. field.method=vsharp; may be given again",
    )  # fmt: skip
    group.add_argument(
        "--outputs", choices=("minimal", "standard", "full"),
        help="tables and report; maps in 16 bits (default); float32 maps",
    )  # fmt: skip


def read_settings(args: argparse.Namespace) -> Settings:
    """Return the settings that the options ask for.

    Raises
    ------
    SettingsError
        When the file cannot be read, or holds an unknown key or impossible value.
    """
    settings = Settings.preset(args.preset)
    if args.config is not None:
        try:
            settings = Settings.from_toml(args.config.read_text(encoding="utf-8"), start=settings)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{args.config}: cannot be read ({error})") from None
        except SettingsError as error:
            raise SettingsError(f"{args.config}: {error}") from None
    settings = Settings.from_pairs(args.set, start=settings)
    if args.outputs:
        settings = settings.changed({"output": {"level": args.outputs}})
    return settings


def add_resources(parser: argparse.ArgumentParser, *, many: bool, timeout: bool = True) -> None:
    """Add the options that bound processes, threads and memory."""
    group = parser.add_argument_group("resources")
    if many:
        group.add_argument("--nprocs", type=_count, default=1, metavar="N",
                           help="sessions at a time (default 1)")  # fmt: skip
        group.add_argument("--mem", type=_size, metavar="SIZE",
                           help="memory of all sessions, e.g. 8G")  # fmt: skip
    if many and timeout:
        group.add_argument("--session-timeout", type=float, default=120.0, metavar="MINUTES",
                           help="longest time of one session (default 120)")  # fmt: skip
    group.add_argument("--omp-nthreads", "--omp_nthreads", type=_count, metavar="N",
                       help="threads of a session (default: cores over --nprocs)")  # fmt: skip


def threads_of(args: argparse.Namespace) -> int:
    """Return the number of threads of a session."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return int(args.omp_nthreads or max(1, (cores or 1) // getattr(args, "nprocs", 1)))


def prepare_threads(count: int) -> None:
    """Make the libraries of this process and its children start with that many threads."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, str(count))


def say(text: str) -> None:
    """Write a line of progress."""
    print(text, file=sys.stdout, flush=True)


def label(text: str) -> str:
    """Return a BIDS label without its ``sub-`` or ``ses-``."""
    bare = re.sub(r"^(sub|ses)-", "", text)
    if not re.fullmatch(r"[A-Za-z0-9+]+", bare):
        raise argparse.ArgumentTypeError(f"labels are letters and digits, not {text!r}")
    return bare


def existing(text: str) -> Path:
    """Return the path of a file that is there."""
    path = Path(text)
    if not path.is_file():
        raise CommandError(f"{text}: no such file")
    return path


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]*", text):
        raise argparse.ArgumentTypeError(f"a whole number of one or more is needed, not {text!r}")
    return int(text)


def _size(text: str) -> int:
    match = re.fullmatch(r"([0-9.]+)\s*([KMGT]?)i?B?", text.strip(), re.IGNORECASE)
    if match is None:
        raise argparse.ArgumentTypeError(f"memory is given as 8G or 500M, not {text!r}")
    power = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}[match[2].upper()]
    return int(float(match[1]) * 1024**power)
