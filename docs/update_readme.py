"""Put the current scoreboard and two figures into the README.

uv run run_suite.py run && uv run python docs/update_readme.py
"""

import json
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "results" / "report" / "desk"
FIGURES = {
    "value_surfaces.png": "wgan-gp-value-surfaces--desk--value-surfaces.png",
    "gradient_norms.png": "wgan-gp-gradient-norms--desk--gradient-norms.png",
}
BEGIN, END = "<!-- scoreboard -->", "<!-- /scoreboard -->"
WORDS = {"reproduced": "✓ reproduced", "refuted": "✗ refuted", "inconclusive": "? inconclusive"}


def main() -> None:
    """Copy the figures and rewrite the table between its marks."""
    report = json.loads((REPORT / "report.json").read_text(encoding="utf-8"))
    images = ROOT / "docs" / "images"
    images.mkdir(exist_ok=True)
    for name, drawn in FIGURES.items():
        shutil.copyfile(REPORT / "figures" / drawn, images / name)
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n{table(report['claims'])}{END}{after}", encoding="utf-8")


def table(claims: list[dict[str, Any]]) -> str:
    """The scoreboard as Markdown: one row a claim, in the order of the report."""
    rows = [
        "| claim (desk scale) | verdict | estimate [interval] | required | seeds |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*rows, *(row(claim) for claim in claims)]) + "\n"


def row(claim: dict[str, Any]) -> str:
    """One claim."""
    says = claim["says"].replace("|", r"\|")
    interval = f"{number(claim['estimate'])} [{number(claim['low'])}, {number(claim['high'])}]"
    verdict = WORDS.get(claim["verdict"], claim["verdict"])
    off = [name for name, control in claim["controls"].items() if control["state"] == "not as expected"]
    note = f" (control not as expected: {', '.join(off)})" if off else ""
    cells = [
        f"**{claim['experiment']}** {says}",
        f"{verdict}{note}",
        interval,
        claim["required"],
        str(claim["n"]),
    ]
    return f"| {' | '.join(cells)} |"


def number(value: float | None) -> str:
    """Three digits; infinite ends, which JSON has as null, as a dash."""
    return "–" if value is None else f"{value:.3g}"


if __name__ == "__main__":
    main()
