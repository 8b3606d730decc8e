"""How the pages are built: nothing is fetched, neither by the build nor by the pages."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from arteriole.version import __version__

project = "arteriole"
author = "the arteriole authors"
copyright = "the arteriole authors, Apache-2.0"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "from_code",
    "mathml",
]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}
nitpicky = False

myst_enable_extensions = ["deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3

napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
add_module_names = False
toc_object_entries = False

html_theme = "furo"
html_title = "arteriole"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["arteriole.css"]
html_show_sphinx = False
