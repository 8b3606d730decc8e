"""The command ``arteriole``: a BIDS App, and tools beside it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from arteriole.cli import anatomy, app, import_, info, insert, plain, simulate, status
from arteriole.errors import ArterioleError
from arteriole.version import __version__

TOOLS = (app, import_, plain, anatomy, simulate, insert, status, info)
"""Modules with ``add_parser``; each imports what is heavy only when it runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    0 all done; 1 some sessions failed, the others are complete; 2 wrong command or settings;
    3 the data set cannot be used; 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser, names = _parser()
    if words and not words[0].startswith("-") and words[0] not in names:
        words.insert(0, "run")
    try:
        args = parser.parse_args(words)
        return int(args.work(args))
    except ArterioleError as error:
        print(f"arteriole: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("arteriole: interrupted; what was finished is kept", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _parser() -> tuple[argparse.ArgumentParser, frozenset[str]]:
    parser = argparse.ArgumentParser(
        prog="arteriole",
        description="Cerebral small vessel disease from MRI: R2*, SWI and QSM with one command.",
        epilog="As a BIDS App: arteriole BIDS_DIR OUT_DIR participant (the same as arteriole run "
        "...). Research use only, not a medical device.",
    )
    parser.add_argument("--version", action="version", version=f"arteriole {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for tool in TOOLS:
        tool.add_parser(commands)
    return parser, frozenset(commands.choices)


if __name__ == "__main__":
    raise SystemExit(main())
