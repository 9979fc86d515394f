"""Write what commands make of README.md and docs/: tables of verdicts, and pictures.

uv run python docs/update_readme.py tables              from results/reference, in seconds
uv run python docs/update_readme.py pictures [REPORT]   from the report of a whole run at desk scale
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from pages import followed, pictures
from pages.verdicts import Verdicts, beside_the_paper, by_paper, every_claim, source

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "results" / "report" / "desk"


def main(what: str, report: str = "") -> None:
    """Write what is asked for."""
    if what == "pictures":
        pictures.write(Path(report) if report else REPORT, ROOT / "docs" / "images")
        return
    for path, text in files(Verdicts(ROOT / "experiments", ROOT / "results")).items():
        path.write_text(text, encoding="utf-8")


def files(verdicts: Verdicts) -> dict[Path, str]:
    """The files that have tables, with the tables as they must be now."""
    parts: dict[Path, Mapping[str, str]] = {
        ROOT / "README.md": {"scoreboard": in_short(verdicts)},
        ROOT / "docs" / "claims.md": {"scoreboard": in_full(verdicts)},
        ROOT / "docs" / "verdict.md": followed.parts(verdicts),
    }
    return {path: filled(path.read_text(encoding="utf-8"), each) for path, each in parts.items()}


def in_short(verdicts: Verdicts) -> str:
    """For the README: a row for each paper, and the claims that the paper has a number for."""
    return (
        f"{by_paper(verdicts)}\n\n"
        "<details>\n<summary>Where the paper has a number: that number and this suite's</summary>\n\n"
        f"{beside_the_paper(verdicts)}\n\n</details>\n"
    )


def in_full(verdicts: Verdicts) -> str:
    """For the documentation: every claim."""
    return (
        f"Made from {source(verdicts)}.\n\n{by_paper(verdicts)}\n\n"
        f"## Where the paper has a number\n\n{beside_the_paper(verdicts)}\n\n{every_claim(verdicts)}"
    )


def filled(text: str, parts: Mapping[str, str]) -> str:
    """A text with each part between the marks of its name."""
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{part}\n{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    main(*sys.argv[1:] or ["tables"])
