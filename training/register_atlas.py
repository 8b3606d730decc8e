"""Write the rows of the atlas into ``registry.toml``, after ``build_atlas.py``.

python training/register_atlas.py
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "arteriole"
REGISTRY = PACKAGE / "registry.toml"


def main() -> None:
    text = REGISTRY.read_text("utf-8")
    for path in sorted((PACKAGE / "brain" / "atlas" / "data").glob("*.npz")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = path.relative_to(PACKAGE).as_posix()
        pattern = rf'(file = "{re.escape(name)}"\n(?:.+\n)*?sha256 = ")[0-9a-f]*'
        text, count = re.subn(pattern, rf"\g<1>{digest}", text)
        if count != 1:
            raise SystemExit(f"{name} has {count} rows in {REGISTRY.name}: add one")
    REGISTRY.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
