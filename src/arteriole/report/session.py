"""The page of a session: assembled from data, knows no science."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from arteriole.io.atomic import write_text
from arteriole.report.anatomy import alignment_words, anatomy_of, volume_table
from arteriole.report.consensus import consensus_json, consensus_table, consensus_text
from arteriole.report.methods import methods_text
from arteriole.report.panels import overview, panels
from arteriole.report.quality import quality_figures
from arteriole.report.regions import region_table
from arteriole.report.story import Story
from arteriole.report.summary import acquisition_facts, headline, image_facts, steps_done
from arteriole.report.words import without_folders


def write_session_report(path: str | os.PathLike[str], story: Story) -> None:
    """Write the page of a session: one HTML file that needs nothing beside it.

    Parameters
    ----------
    path : path
        The HTML file.
    story : Story
        What is told.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    write_text(path, session_html(story))


def session_html(story: Story) -> str:
    """Return the page of a session as HTML.

    Parameters
    ----------
    story : Story
        Maps, record, measures and warnings; what is missing is explained on the page.

    Returns
    -------
    str
        A page without scripts and without requests, at most 5 MB.

    Notes
    -----
    Every text is escaped, and folders of absolute paths in it are cut off, so that no record can
    bring markup or a user's name into the page.
    """
    parts: dict[str, Any] = {
        "style": Markup(_text("session.css")),  # noqa: S704 (our own file)
        "story": story,
        "headline": headline(story),
        "steps": steps_done(story),
        "quality": quality_figures(story),
        "regions": region_table(story),
        "images": image_facts(story),
        "anatomy": anatomy_of(story),
        "volumes": volume_table(story),
        "alignment": alignment_words(story),
        "methods": methods_text(story),
        "overview": [],
        "panels": [],
        "facts": [],
        "consensus": [],
    }
    if story.grid is not None:
        parts |= _of_scan(story)
    return _environment().get_template("session.html.j2").render(parts)


def _of_scan(story: Story) -> dict[str, Any]:
    """Return the parts of the page that sessions with a gradient echo have."""
    return {
        "overview": overview(story),
        "panels": panels(story),
        "facts": acquisition_facts(story),
        "consensus": consensus_table(story),
        "consensus_json": consensus_json(story),
        "consensus_text": consensus_text(story),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("arteriole.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = _figure
    return environment


def _figure(value: Any) -> str:
    """Write a number with four figures; what is missing as n/a."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.4g}"
    return "n/a" if value is None else str(value)


def _clean(value: Any) -> Any:
    """Cut folders off every text that goes on the page; pictures and style pass as they are."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return without_folders(value)
    return "" if value is None else value


def _text(name: str) -> str:
    return files("arteriole.report").joinpath("templates", name).read_text("utf-8")
