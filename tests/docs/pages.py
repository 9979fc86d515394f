"""The pages as they are written, and the blocks of code in them."""

import re
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted([ROOT / "README.md", *DOCS.glob("*.md")])
sys.path.insert(0, str(DOCS))


def text(page: Path) -> str:
    """A page's Markdown."""
    return page.read_text(encoding="utf-8")


def fenced(page: Path, language: str) -> list[str]:
    """The blocks of a language between fences."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), flags=re.MULTILINE | re.DOTALL)


def shell_lines(page: Path) -> list[str]:
    """The lines of indented blocks, continued ones joined, and code within sentences that begins with uv."""
    joined = text(page).replace("\\\n", "")
    inline = re.findall(r"`(uv run [^`]*)`", joined)
    return [line.strip() for line in joined.splitlines() if line.startswith("    ")] + inline


def keys(page: Path, command: str) -> set[str]:
    """What stands in code in the first column of the table that follows a sentence which begins with a
    command in code.
    """
    _, _, after = text(page).partition(f"\n`{command}`")
    rows = re.search(r"^\| key \| meaning \|\n\|[-|]+\|\n((?:\|.*\n)+)", after, flags=re.MULTILINE)
    assert rows is not None
    return {key for row in rows[1].splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])}
