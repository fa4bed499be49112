"""Write docs/settings.md from the settings themselves."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from supplier.settings import DEMO_DATA_KEYS, DEMO_SECRET, PREFIX, Settings

HEAD = """# Settings

Every setting comes from the environment, under the prefix `{prefix}`. `NAME_FILE` names a file
that holds the value of `NAME` (for secrets). A wrong value stops the start with a sentence that
names it.

| setting | default | meaning |
| --- | --- | --- |
"""


def page() -> str:
    rows = []
    for item in fields(Settings):
        default = item.default
        if default in (DEMO_SECRET, DEMO_DATA_KEYS):
            default = "a demo value, refused in production"
        shown = f"`{default}`" if default != "" else "(empty)"
        rows.append(f"| `{PREFIX}{item.name.upper()}` | {shown} | {item.metadata['help']} |")
    return HEAD.format(prefix=PREFIX) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    Path(__file__).parent.parent.joinpath("docs", "settings.md").write_text(page(), "utf-8")
