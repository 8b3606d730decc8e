"""Parts of pages read from the code when the pages are built, so that they cannot go stale.

A page holds ``<!-- from code: NAME WORDS -->``; the function of that name in ``MAKERS`` gives the
text.
"""

from __future__ import annotations

import argparse
import ast
import csv
import dataclasses
import inspect
import os
import pkgutil
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from unittest.mock import patch

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import arteriole.settings
from arteriole.cli import main as command_line
from arteriole.flow import STEPS
from arteriole.phantom.scanner.ct_protocol import CT_PROTOCOLS
from arteriole.phantom.scanner.protocol import PROTOCOLS
from arteriole.phantom.scanner.weighted_protocol import WEIGHTED_PROTOCOLS
from arteriole.phantom.tissue import TISSUES
from arteriole.report.quality import RULES
from arteriole.run.measures import MEASURES
from arteriole.run.products import PRODUCTS
from arteriole.run.study import BIDS_IGNORE
from arteriole.settings import Settings

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MOST_ROWS = 60
MARK = re.compile(r"<!-- from code: (\w+) ?([^>]*?) ?-->")


def filled(text: str) -> str:
    """Return a page with its marks replaced."""
    return MARK.sub(lambda mark: MAKERS[mark[1]](*mark[2].split()), text)


def settings_tables() -> str:
    """Return a table for each section of the settings."""
    return "\n".join(_section(field) for field in dataclasses.fields(Settings))


def setting_default(name: str) -> str:
    """Return the default of ``section.key`` as in a settings file."""
    section, key = name.split(".")
    return _toml(Settings().to_dict()[section][key])


def steps_table() -> str:
    """Return the steps of the flow."""
    rows = [
        (
            f"`{step.name}`",
            str(step.version),
            _codes(step.needs),
            _codes(step.may_use),
            _codes(step.makes),
            _codes(step.settings),
        )
        for step in STEPS
    ]
    return _table(("Step", "Version", "Needs", "Takes when there", "Makes", "Settings"), rows)


def products_table() -> str:
    """Return the maps and masks that are written."""
    rows = []
    for product in PRODUCTS:
        if product.image not in ("", "t1w"):
            continue
        if product.kind not in ("map", "warp"):
            error = "exact"
        elif product.of_noise:
            error = f"{product.precision:.0%} of the median of `{product.of_noise}`"
        else:
            error = f"{product.precision:g} {product.unit}" if product.precision else "1/60000"
        space = "space-*_" if product.image else ""
        ending = ".json" if product.kind == "alignment" else ".nii.gz"
        name = f"`*_{space}{product.suffix}{ending}`"
        more = ", ..." if product.image else ""
        rows.append((name, f"`{product.value}`{more}", product.unit, product.about, error))
    return _table(("File", "Value", "Unit", "What it is", "Largest storage error"), rows)


def measures_table() -> str:
    """Return the rows of a session's table of measures."""
    rows = [(f"`{m.name}`", m.unit or "n/a", m.about, f"`{m.step}`") for m in MEASURES]
    return _table(("Measure", "Unit", "What it is", "Step"), rows)


def quality_table() -> str:
    """Return the quality figures with their limits."""
    rows = [(r.title, r.words.partition(": ")[2], r.meaning) for r in RULES]
    return _table(("Figure", "Limits", "What it says"), rows)


def protocols_table() -> str:
    """Return the protocols of the digital scanner."""
    rows = [
        (
            f"`{name}`",
            " x ".join(map(str, p.shape)),
            " x ".join(f"{size:g}" for size in p.voxel_size_mm),
            ", ".join(f"{1000 * te:g}" for te in p.te_s),
            f"{p.b0_tesla:g}",
            f"{p.tilt_deg:g}",
            f"{p.snr:g}",
        )
        for name, p in PROTOCOLS.items()
    ]
    head = ("Name", "Matrix", "Voxel (mm)", "Echoes (ms)", "Field (T)", "Tilt (degrees)", "SNR")
    return _table(head, rows)


def weighted_table() -> str:
    """Return the protocols of T1-, T2- and fluid-attenuated images."""
    rows = [
        (
            f"`{name}`",
            p.kind,
            p.sequence,
            " x ".join(map(str, p.shape)),
            " x ".join(f"{size:g}" for size in p.voxel_size_mm),
            f"{1000 * p.tr_s:g}",
            f"{1000 * p.te_s:g}",
            "" if p.ti_s is None else f"{1000 * p.ti_s:g}",
            f"{p.b0_tesla:g}",
        )
        for name, p in WEIGHTED_PROTOCOLS.items()
    ]
    head = ("Name", "Image", "Sequence", "Matrix", "Voxel (mm)", "TR (ms)", "TE (ms)", "TI (ms)",
            "Field (T)")  # fmt: skip
    return _table(head, rows)


def ct_table() -> str:
    """Return the CT protocols."""
    rows = [
        (
            f"`{name}`",
            " x ".join(map(str, p.shape)),
            f"{p.pixel_mm:g}",
            f"{p.slice_mm:g}",
            f"{p.spacing_mm:g}",
            p.kernel,
            f"{p.kvp:g}",
            f"{p.noise_hu:g}",
            f"{p.gantry_tilt_deg:g}",
        )
        for name, p in CT_PROTOCOLS.items()
    ]
    head = ("Name", "Matrix", "Pixel (mm)", "Slice (mm)", "Spacing (mm)", "Kernel", "kVp",
            "Noise (HU)", "Tilt (degrees)")  # fmt: skip
    return _table(head, rows)


def tissues_table() -> str:
    """Return the tissues of the digital head."""
    rows = [
        (
            str(i),
            t.name,
            *(
                f"{value:g}"
                for value in (
                    t.chi_ppm,
                    t.chi_texture_ppm,
                    t.r2star_hz,
                    t.r2_hz,
                    t.t1_s,
                    t.density,
                    t.coupling,
                )
            ),
        )
        for i, t in enumerate(TISSUES)
    ]
    head = (
        "Label",
        "Tissue",
        "chi (ppm, against water)",
        "its texture (SD, ppm)",
        "R2* (1/s, 3 T)",
        "R2 (1/s, 3 T)",
        "T1 (s, 3 T)",
        "water (or fat)",
        "correlation of chi and R2*",
    )
    return _table(head, rows)


def bidsignore_list() -> str:
    """Return what the outputs name that BIDS does not."""
    return "\n".join(f"- `{pattern}`" for pattern in BIDS_IGNORE)


def command_help(name: str = "") -> str:
    """Return what ``arteriole NAME --help`` prints."""
    parser = command_parser()
    if name:
        parser = _choices(parser)[name]
    with patch.dict(os.environ, COLUMNS="90"):
        return f"```text\n{parser.format_help().strip()}\n```"


def command_parser() -> argparse.ArgumentParser:
    """Return the real parser of the command line."""
    return command_line._parser()[0]


def command_names() -> list[str]:
    """Return the names of all commands."""
    return list(_choices(command_parser()))


def api(package: str) -> str:
    """Return the documentation of a package's public functions and classes, module by module."""
    return "\n".join(_module(name) for name in documented_modules(f"arteriole.{package}"))


def documented_modules(package: str) -> list[str]:
    """Return the modules of a package that have something public and fully described."""
    return [name for name in _modules(package) if _public_names(name)]


def benchmark_rows(file: str, *words: str) -> str:
    """Return columns of a committed table, of the rows that fit ``column=pattern`` (_: a space)."""
    with (BENCHMARKS / file).open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    wanted = [word.partition("=") for word in words if "=" in word]
    columns = [word for word in words if "=" not in word]
    for column, _, pattern in wanted:
        rows = [row for row in rows if fnmatchcase(row[column], pattern.replace("_", " "))]
    if not rows:
        raise ValueError(f"{file} has no row of {' '.join(words)}")
    return _table(columns, ([row[column] for column in columns] for row in rows))


def benchmark_counts(file: str, down: str, across: str) -> str:
    """Return how often the values of two columns of a committed table meet."""
    with (BENCHMARKS / file).open(newline="", encoding="utf-8") as table:
        met = Counter((row[down], row[across]) for row in csv.DictReader(table))
    columns = sorted({value for _, value in met})
    rows = [
        (name, *(str(met[name, value]) for value in columns))
        for name in sorted({n for n, _ in met})
    ]
    return _table((down, *(f"{across}: {value}" for value in columns)), rows)


def benchmarks_tables() -> str:
    """Return the committed tables of ``benchmarks/``, the short ones in full."""
    return "\n".join(_benchmark(path) for path in sorted(BENCHMARKS.glob("*.csv")))


MAKERS = {
    "benchmarks": benchmarks_tables,
    "counts": benchmark_counts,
    "rows": benchmark_rows,
    "default": setting_default,
    "settings": settings_tables,
    "steps": steps_table,
    "products": products_table,
    "measures": measures_table,
    "quality": quality_table,
    "protocols": protocols_table,
    "weighted": weighted_table,
    "ct": ct_table,
    "tissues": tissues_table,
    "bidsignore": bidsignore_list,
    "help": command_help,
    "api": api,
}


def _benchmark(path: Path) -> str:
    with path.open(newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    script = path.with_suffix(".py")
    about = ""
    if script.exists():
        about = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    table = _table(head, rows) if len(rows) <= MOST_ROWS else f"{len(rows)} rows; see the file.\n"
    return f"## {path.name}\n\n{_prose(about)}\n\n{table}"


def _prose(docstring: str) -> str:
    """Return a docstring as Markdown: paragraphs, and indented ones as code."""
    parts = []
    for part in docstring.split("\n\n"):
        if part.startswith("    "):
            parts.append(f"```text\n{inspect.cleandoc(part)}\n```")
        else:
            parts.append(re.sub(r"([*_<|])", r"\\\1", part.removesuffix("::").strip()))
    return "\n\n".join(part for part in parts if part)


def _section(field: dataclasses.Field[Any]) -> str:
    kind = get_type_hints(Settings)[field.name]
    said = _field_words(kind)
    hints = get_type_hints(kind)
    rows = [
        (
            f"`{field.name}.{one.name}`",
            f"`{_toml(one.default)}`",
            _allowed(hints[one.name]),
            said.get(one.name, ""),
        )
        for one in dataclasses.fields(kind)
    ]
    about = inspect.getdoc(kind) or ""
    return f"### {field.name}\n\n{about}\n\n{_table(('Setting', 'Default', 'Takes', ''), rows)}\n"


def _field_words(kind: type) -> dict[str, str]:
    """Return what the source says below each field of a dataclass."""
    tree = ast.parse(Path(arteriole.settings.__file__).read_text(encoding="utf-8"))
    node = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == kind.__name__)
    words = {}
    for this, after in zip(node.body, node.body[1:], strict=False):
        if isinstance(this, ast.AnnAssign) and isinstance(this.target, ast.Name):
            value = after.value if isinstance(after, ast.Expr) else None
            if isinstance(value, ast.Constant):
                words[this.target.id] = inspect.cleandoc(str(value.value)).replace("\n", " ")
    return words


def _allowed(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return ", ".join(f"`{_toml(value)}`" for value in get_args(hint))
    names = {bool: "`true`, `false`", float: "a number", int: "a whole number", str: "text"}
    return names.get(hint) or str(hint)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    kind = argparse._SubParsersAction
    return next(dict(a.choices) for a in parser._actions if isinstance(a, kind))


def _modules(name: str) -> Iterator[str]:
    """Give a module, or the modules of a package except the adapters of the flow."""
    module = import_module(name)
    if not hasattr(module, "__path__"):
        yield name
        return
    for found in pkgutil.iter_modules(module.__path__):
        if found.name != "stage":
            yield from _modules(f"{name}.{found.name}")


def _module(name: str) -> str:
    """Return a heading and the public, fully documented objects of a module."""
    members = ", ".join(_public_names(name))
    block = f".. automodule:: {name}\n   :members: {members}\n   :no-undoc-members:\n"
    return f"## {name.removeprefix('arteriole.')}\n\n```{{eval-rst}}\n{block}```\n"


def _public_names(module: str) -> list[str]:
    values = vars(import_module(module)).items()
    return [name for name, value in values if _is_public(name, value, module)]


def _is_public(name: str, value: Any, module: str) -> bool:
    """Take what the module defines itself and describes by more than a line."""
    if name.startswith("_") or getattr(value, "__module__", "") != module:
        return False
    if not (inspect.isfunction(value) or inspect.isclass(value)):
        return False
    return inspect.isclass(value) or "----" in (inspect.getdoc(value) or "")


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(head)]
    lines += [("---",) * len(lines[0]), *(tuple(row) for row in rows)]
    text = "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in lines)
    return textwrap.dedent(text) + "\n"


def _fill(_app: Sphinx, _page: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def _always_anew(
    _app: Sphinx, env: BuildEnvironment, _added: set[str], _changed: set[str], _gone: set[str]
) -> list[str]:
    """Read pages with marks again in every build: the code may have changed."""
    pages = ((page, Path(env.doc2path(page)).read_text("utf-8")) for page in env.found_docs)
    return [page for page, text in pages if MARK.search(text)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the filling of marks to Sphinx."""
    app.connect("source-read", _fill)
    app.connect("env-get-outdated", _always_anew)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
