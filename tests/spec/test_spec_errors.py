"""The text of an error: place, line, and the cure with what is legal."""

import re
from pathlib import Path

import pytest
from spec_sample import SAMPLE, SAMPLES, changed, check, errors

from suite.errors import UserError
from suite.spec.explain import explain
from suite.spec.library import find
from suite.spec.load import check_file, check_text, experiment_id, load, load_paper
from suite.spec.nodes import parse
from suite.spec.schema import Metric

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
SHIPPED = find(EXPERIMENTS) if any(EXPERIMENTS.glob("*/*.yaml")) else ()
SETTINGS = (
    "batch_size, constraint, critic, critic_steps, data, generator, generator_optimizer, iterations, "
    "loss, optimizer, probes, warmup"
)

GOLDEN = {
    "unknown key": (
        changed("    width: 512", "    widht: 512"),
        """\
sample.yaml:15:5: unknown key 'widht' in critic
    15 |     widht: 512
             ^
    did you mean 'width'? legal keys: activation, initialization, kind, labels, layers, normalization, width""",  # noqa: E501
    ),
    "wrong type": (
        changed("layers: 12", "layers: twelve"),
        """\
sample.yaml:14:13: critic.layers must be a whole number of at least 1 and at most 1000000000, not 'twelve'
    14 |     layers: twelve
                     ^""",
    ),
    "underscores": (
        changed("100000", "100_000"),
        """\
sample.yaml:23:15: iterations must be a whole number of at least 0 and at most 1000000000, not '100_000'
    23 |   iterations: 100_000
                       ^
    write 100000""",
    ),
    "number for text": (
        changed('figure: "1b, left"', "figure: 1"),
        """\
sample.yaml:5:9: figure must be text, not 1
     5 | figure: 1
                 ^
    write "1" in quotes""",
    ),
    "out of range": (
        changed("lr: 5e-5", "lr: -5e-5"),
        """\
sample.yaml:26:83: optimizer.lr must be a number above 0, not -5e-5
    26 |   clip 0.1: {constraint: {kind: clip, bound: 0.1}, optimizer: {kind: rmsprop, lr: -5e-5, alpha: 0.9}}
                                                                                           ^""",
    ),
    "no such choice": (
        changed("loss: wasserstein", "loss: wassertein"),
        """\
sample.yaml:19:9: loss must be one of hinge, least_squares, minimax, non_saturating, wasserstein, not 'wassertein'
    19 |   loss: wassertein
                 ^
    did you mean 'wasserstein'?""",  # noqa: E501
    ),
    "unknown kind": (
        changed("data: parallel_lines", "data: paralel_lines"),
        """\
sample.yaml:10:9: unknown kind 'paralel_lines' of data
    10 |   data: paralel_lines
                 ^
    did you mean 'parallel_lines'? legal kinds: billion_word, celeba, cifar10, digits, eight_gaussians, \
fashion_mnist, grammar, imagenet32, lsun_bedrooms, mnist, pack, pack_images, parallel_lines, swiss_roll, \
twenty_five_gaussians, two_gaussians""",
    ),
    "missing key": (
        changed("lr: 5e-5, ", ""),
        """\
sample.yaml:26:63: missing key 'lr' in optimizer (arm 'clip 0.1', scale paper)
    26 |   clip 0.1: {constraint: {kind: clip, bound: 0.1}, optimizer: {kind: rmsprop, alpha: 0.9}}
                                                                       ^
    add lr: a number above 0""",
    ),
    "missing scale": (
        changed("  paper: {}\n", ""),
        """\
sample.yaml:84:3: missing key 'paper' in scales
    84 |   gpu: {base: {iterations: 50000}}
           ^
    add paper: a mapping, {} where nothing changes""",
    ),
    "null that removes nothing": (
        changed("grows: null", "grovs: null"),
        """\
sample.yaml:92:14: null removes 'grovs' in claims, which is not there
    92 |     claims: {grovs: null}
                      ^
    did you mean 'grows'? there are: explodes, grows, same; an empty mapping is written {}""",
    ),
    "arm that is not there": (
        changed("arms: {penalty:", "arms: {penlty:"),
        """\
sample.yaml:88:12: there is no arm 'penlty' to change
    88 |     arms: {penlty: {optimizer: {lr: 1e-3}, generator_optimizer: null}}
                    ^
    did you mean 'penalty'? arms: clip 0.1, penalty""",
    ),
    "wrong place": (
        changed("id: wgan-gp/sample", "id: wgan/sample"),
        """\
sample.yaml:2:5: id must be 'wgan-gp/sample'
     2 | id: wgan/sample
             ^
    write id: wgan-gp/sample; the id is the file's folder and name""",
    ),
    "base that every arm inherits": (
        changed("  batch_size: 256\n", ""),
        """\
sample.yaml:10:3: missing key 'batch_size' (arm 'clip 0.1', scale paper)
    10 |   data: parallel_lines
           ^
    add batch_size: a whole number of at least 2 and at most 1000000""",
    ),
}


@pytest.mark.parametrize("mistake", GOLDEN)
def test_error_text(mistake: str) -> None:
    text, expected = GOLDEN[mistake]
    assert errors(text) == expected


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_valid(name: str) -> None:
    check(SAMPLES[name], name)


def test_all_mistakes_are_reported_by_place() -> None:
    text = changed("lr: 0.01", "lr: fast").replace("reduce: last", "reduce: lst")
    text = text.replace("metric: slope", "metric: slop").replace("width: 512", "widht: 512")
    places = re.findall(r"^sample.yaml:(\d+)", errors(text), flags=re.M)
    assert places == ["15", "30", "34", "41"]


def test_a_mistake_of_the_base_that_all_arms_replace_is_found() -> None:
    text = changed("  loss: wasserstein", "  optimizer: {kind: sgd, lr: 1, momentun: 0}\n  loss: wasserstein")
    assert "sample.yaml:19:33: unknown key 'momentun' in optimizer" in errors(text)


# --- YAML ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "sample.yaml:1:1: the file is empty"),
        ("# only a comment\n", "sample.yaml:1:1: the file is empty"),
        ("- a\n", "sample.yaml:1:1: the file must be a mapping"),
        ("a: 1\na: 2\n", "sample.yaml:2:1: duplicate key 'a'"),
        ("a: &x 1\n", "sample.yaml:1:4: anchors, aliases and tags"),
        ("a: !!int 1\n", "sample.yaml:1:4: anchors, aliases and tags"),
        ("a: 1\n---\nb: 2\n", "sample.yaml:2:1: a second document"),
        ("1: a\n", "sample.yaml:1:1: a key must be text, not 1"),
        ("? [a]\n: b\n", "sample.yaml:1:3: a key must be text"),
        ("a: .nan\n", "sample.yaml:1:4: '.nan' is not a finite number"),
        ("a: 1e999\n", "sample.yaml:1:4: '1e999' is too large a number"),
        ("a: " + "9" * 5000, "sample.yaml:1:4: '" + "9" * 57 + "...' is too large a number"),
        ("a:\n\tb: 1\n", "sample.yaml:2:1: not valid YAML"),
        ("a: " + "[" * 51, "sample.yaml:1:54: is nested more than 50 levels deep"),
        (b"a: \xe9\n", "sample.yaml:1:4: is not valid UTF-8"),
        (b"a" * 1_000_001, "sample.yaml: is larger than 1000000 bytes"),
        ("a: \x07\n", "sample.yaml:1:1: not valid YAML"),
    ],
)
def test_syntax_error(text: str | bytes, expected: str) -> None:
    assert errors(text).startswith(expected)


def test_line_of_a_place_counts_every_line_break_of_yaml() -> None:
    assert "sample.yaml:3:1: duplicate key 'a'\n     3 | a: 2" in errors("a: 1\u2028b: x\r\na: 2\n")


# --- Every key, mutated -------------------------------------------------------------------

OWN_NAMES = {
    *("arms", "across", "borrowed", "factors", "metrics", "claims", "figures"),
    *("controls", "reference", "where"),
}
"""Mappings whose keys the writer chooses."""


def key_lines(text: str) -> list[tuple[int, int]]:
    """Line and column, from 0, of each key of the format."""
    found: list[tuple[int, int]] = []
    stack = [("", parse(text.encode(), "x"))]
    while stack:
        name, node = stack.pop()
        for key, entry in node.entries.items():
            if name not in OWN_NAMES:
                found.append((entry.mark.line, entry.mark.column))
            if hasattr(entry.node, "entries"):
                stack.append((key, entry.node))  # type: ignore[arg-type]
    return sorted(found)


def with_typo(text: str, line: int, column: int) -> bytes:
    lines = text.splitlines()
    letter = "z" if lines[line][column] == "q" else "q"
    lines[line] = lines[line][:column] + letter + lines[line][column + 1 :]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("name", SAMPLES)
def test_each_misspelt_key_of_a_sample_is_named_by_its_line(name: str) -> None:
    text = SAMPLES[name]
    for line, column in key_lines(text):
        assert f"{name}.yaml:{line + 1}:" in errors(with_typo(text, line, column), name), (line, column)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_shipped_file_is_valid_and_misspelt_keys_are_named(path: Path) -> None:
    text, paper = path.read_text(), load_paper(path.parent / "paper.yaml").id
    place = experiment_id(path), paper, path.parents[1]
    check_text(text.encode(), "file.yaml", *place)
    for line, column in key_lines(text)[::5]:  # The samples' are all tried.
        with pytest.raises(UserError, match=rf"file\.yaml:{line + 1}:"):
            check_text(with_typo(text, line, column), "file.yaml", *place)


# --- Files --------------------------------------------------------------------------------

PAPER = "id: gulrajani2017\ntitle: t\nauthors: a\nyear: 2017\nvenue: v\nurl: u\nbibtex: b\n"


def folder(root: Path) -> Path:
    """A folder with a paper and the sample, whose path is returned."""
    path = root / "wgan_gp" / "sample.yaml"
    path.parent.mkdir()
    path.write_text(SAMPLE)
    (path.parent / "paper.yaml").write_text(PAPER)
    return path


def test_a_file_loads_at_its_scale(tmp_path: Path) -> None:
    path = folder(tmp_path)
    check_file(path)
    assert load(path, "paper").arms["penalty"].critic.width == 512
    assert load(path, "desk").arms["penalty"].critic.width == 64
    assert load(path, "smoke").factors["theta"].values == (0.5, 1.0)


def test_loading_reports_the_chosen_scale_alone(tmp_path: Path) -> None:
    path = folder(tmp_path)
    path.write_text(changed("claims: {grows: null}", "claims: {grovs: null}"))
    load(path, "desk")
    with pytest.raises(UserError, match="null removes 'grovs'"):
        load(path, "smoke")


def test_the_paper_is_the_one_of_the_folder(tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path.parent / "paper.yaml").write_text(PAPER.replace("gulrajani", "arjovsky"))
    with pytest.raises(UserError, match=r"sample.yaml:4:8: paper must be 'arjovsky2017'"):
        check_file(path)


def test_a_folder_needs_its_paper(tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path.parent / "paper.yaml").unlink()
    with pytest.raises(UserError, match=r"paper.yaml: no such file"):
        load(path, "desk")


def test_a_wrong_paper_is_explained(tmp_path: Path) -> None:
    paper = tmp_path / "paper.yaml"
    paper.write_text(PAPER.replace("year: 2017", "year: recent"))
    with pytest.raises(UserError, match=r"paper.yaml:4:7: year must be a whole number, not 'recent'"):
        load_paper(paper)


def test_a_missing_file_is_the_users_error(tmp_path: Path) -> None:
    path = folder(tmp_path).with_name("none.yaml")
    with pytest.raises(UserError, match=r"none.yaml: cannot be read"):
        check_file(path)


def test_what_is_valid_has_no_problems() -> None:
    assert list(explain(parse(b"series: losses.critic", "x"), Metric)) == []


@pytest.mark.parametrize(
    ("text", "place", "cure"),
    [
        ("a:\n  b: {c: 1, d: 2\n  e: 3\n", "2:6", "close every { with }, and put commas between its keys"),
        ("a: {c: {d: 1}\nb: {e: 1}\n", "1:4", "close every { with }"),
        ("a: {c: 1 d: 2}\n", "1:11", "put commas between its keys"),
        ("a: [1, 2\nb: 3\n", "1:4", "close every [ with ]"),
        ('a: "x\nb: 1\n', "1:4", "close the quotation mark"),
    ],
)
def test_what_was_never_closed_is_told_where_it_begins(text: str, place: str, cure: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text.encode(), "sample.yaml")
    first, *_, last = str(caught.value).splitlines()
    assert first.startswith(f"sample.yaml:{place}: not valid YAML: ")
    assert cure in last
