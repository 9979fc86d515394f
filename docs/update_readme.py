"""Put the current scoreboard and four figures into the README.

uv run run_suite.py run && uv run python docs/update_readme.py
"""

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from PIL import Image

from suite.spec.layout import PAPER_FILE
from suite.spec.load import load_paper

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "results" / "report" / "desk"
FIGURES = {
    "value_surfaces.png": "wgan-gp-value-surfaces--desk--value-surfaces.png",
    "gradient_norms.png": "wgan-gp-gradient-norms--desk--gradient-norms.png",
    "generators.png": "wgan-generator-robustness--desk--sheets.png",
    "loss_and_quality.png": "wgan-loss-tracks-quality--desk--correlation.png",
}
LARGEST, COLOURS, NARROWER = 400_000, 256, 0.9
"""Bytes of a picture, colours that it keeps, and the factor of its width where it is still too large."""
BEGIN, END = "<!-- scoreboard -->", "<!-- /scoreboard -->"
WORDS = {"reproduced": "✓ reproduced", "refuted": "✗ refuted", "inconclusive": "? inconclusive"}
COLUMNS = ("claim (desk scale)", "verdict", "estimate [interval]", "required", "seeds")
Claim = dict[str, Any]


def main() -> None:
    """Copy the figures and rewrite the tables between their marks."""
    report = json.loads((REPORT / "report.json").read_text(encoding="utf-8"))
    images = ROOT / "docs" / "images"
    images.mkdir(exist_ok=True)
    for name, drawn in FIGURES.items():
        (images / name).write_bytes(small(REPORT / "figures" / drawn))
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n{scoreboard(report['claims'])}{END}{after}", encoding="utf-8")


def small(path: Path) -> bytes:
    """A figure as a PNG of few colours, made narrower until it has at most ``LARGEST`` bytes."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    while True:
        buffer = io.BytesIO()
        picture.quantize(COLOURS).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
        width, height = (round(side * NARROWER) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)


def scoreboard(claims: Sequence[Claim]) -> str:
    """The counts of all claims, then for each paper its counts and, folded, its table."""
    found = (load_paper(path) for path in sorted((ROOT / "experiments").glob(f"*/{PAPER_FILE}")))
    papers = {paper.id: f"{paper.title} ({paper.year})" for paper in found}
    parts = [f"In all {counts(claims)}."]
    for paper, group in groupby(claims, key=lambda claim: str(claim["paper"])):
        own = list(group)
        parts += [f"**{papers[paper]}**: {counts(own)}.", folded(own)]
    return "\n\n".join(parts) + "\n"


def counts(claims: Sequence[Claim]) -> str:
    """How many claims have which verdict."""
    found = Counter(str(claim["verdict"]) for claim in claims)
    order = (*WORDS, *sorted(found.keys() - WORDS.keys()))
    return f"{len(claims)} claims: " + ", ".join(f"{found[word]} {word}" for word in order)


def folded(claims: Sequence[Claim]) -> str:
    """A table that opens with a click. Markdown in HTML needs the blank lines."""
    return f"<details>\n<summary>Every claim</summary>\n\n{table(claims)}\n\n</details>"


def table(claims: Sequence[Claim]) -> str:
    """The claims as Markdown in the order of the report, a row with each experiment's name above its own."""
    rows = [cells(*COLUMNS), "|---" * len(COLUMNS) + "|"]
    for experiment, group in groupby(claims, key=lambda claim: str(claim["experiment"])):
        rows += [cells(f"**{experiment}**", *[""] * (len(COLUMNS) - 1)), *(row(claim) for claim in group)]
    return "\n".join(rows)


def row(claim: Claim) -> str:
    """One claim."""
    interval = f"{number(claim['estimate'])} [{number(claim['low'])}, {number(claim['high'])}]"
    verdict = WORDS.get(claim["verdict"], claim["verdict"])
    off = ", ".join(unexpected(claim))
    note = f" (control not as expected: {off})" if off else ""
    return cells(claim["says"], f"{verdict}{note}", interval, claim["required"], str(claim["n"]))


def unexpected(claim: Claim) -> Iterator[str]:
    """The controls that did not come out as they must."""
    return (name for name, control in claim["controls"].items() if control["state"] == "not as expected")


def cells(*texts: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |"


def number(value: float | None) -> str:
    """Three digits; infinite ends, which JSON has as null, as a dash."""
    return "–" if value is None else f"{value:.3g}"


if __name__ == "__main__":
    main()
