"""Settings drawn at random: the same for ever, whatever else is drawn."""

import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from suite.errors import UserError
from suite.spec.draws import drawn, settings_at, share
from suite.spec.load import check_file, load, load_paper
from suite.spec.schema import Draws, Factor, Range, Scale
from suite.study import Study

DRAWS = Draws(
    count=5,
    seed=3,
    choices={
        "critic.width": (8.0, 16.0, 32.0),
        "critic.normalization": ("none", {"gan": "batch", "wgan-gp": "layer"}),
        "optimizer.betas": ((0.0, 0.9), (0.5, 0.9)),
        "optimizer.lr": Range(low=1e-4, high=1e-2),
    },
)


def test_these_draws_are_what_they_were_when_the_experiments_were_written() -> None:
    assert drawn(DRAWS, 1, "gan") == {
        "critic.width": 8,
        "critic.normalization": "batch",
        "optimizer.betas": (0.0, 0.9),
        "optimizer.lr": 0.00141,
    }


def test_more_draws_and_further_choices_change_nothing_of_the_others() -> None:
    more = msgspec.structs.replace(DRAWS, count=50, choices={"batch_size": (8.0, 16.0), **DRAWS.choices})
    for number in range(1, 6):
        assert drawn(DRAWS, number, "gan").items() <= drawn(more, number, "gan").items()


def test_a_choice_by_arm_is_drawn_once_for_all_arms() -> None:
    seen = {tuple(drawn(DRAWS, n, arm).get("critic.normalization") for arm in ("gan", "wgan-gp", "clip"))
            for n in range(1, 30)}  # fmt: skip
    assert seen == {("none", "none", "none"), ("batch", "layer", None)}


def test_choices_are_equally_likely_and_a_range_is_uniform_in_its_logarithm() -> None:
    widths = Counter(drawn(DRAWS, number, "")["critic.width"] for number in range(1, 3001))
    assert all(abs(count - 1000) < 4 * (3000 * 1 / 3 * 2 / 3) ** 0.5 for count in widths.values())
    rates = [float(str(drawn(DRAWS, number, "")["optimizer.lr"])) for number in range(1, 3001)]
    assert 1e-4 <= min(rates) < max(rates) <= 1e-2
    assert abs(sum(rate < 1e-3 for rate in rates) - 1500) < 4 * 3000**0.5 / 2


def test_shares_of_other_seeds_draws_and_paths_differ() -> None:
    assert len({share(s, n, p) for s in (1, 2) for n in (1, 2) for p in ("a", "b")}) == 8


def test_levels_of_a_plain_factor_set_one_path() -> None:
    factor = Factor(at="critic.width", values=(8.0, 16.0))
    assert (factor.levels, settings_at(factor, 8.0, "gan")) == ((8.0, 16.0), {"critic.width": 8})


@pytest.mark.parametrize("count", [1, 4])
def test_levels_of_draws_are_their_numbers(count: int) -> None:
    factor = Factor(draws=msgspec.structs.replace(DRAWS, count=count))
    assert factor.levels == tuple(range(1, count + 1))
    assert settings_at(factor, 1.0, "gan") == drawn(DRAWS, 1, "gan")


# --- In an experiment file ----------------------------------------------------------------

TEXT = (Path(__file__).parent / "drawn.yaml").read_text()


def load_text(tmp_path: Path, text: str = TEXT, scale: Scale = "desk") -> Study:
    folder = tmp_path / "wgan_gp"
    folder.mkdir(exist_ok=True)
    paper = Path(__file__).parent / "experiments" / "wgan_gp" / "paper.yaml"
    (folder / "paper.yaml").write_text(paper.read_text())
    (folder / "drawn.yaml").write_text(text)
    check_file(folder / "drawn.yaml")
    experiment = load(folder / "drawn.yaml", scale)
    return Study(load_paper(paper), experiment, scale, (), folder / "drawn.yaml")


def test_each_arm_is_trained_on_the_same_draws(tmp_path: Path) -> None:
    study = load_text(tmp_path, scale="paper")
    gan, penalty = (study.matching(arm, {}) for arm in ("gan", "wgan-gp"))
    assert len(gan) == len(penalty) == 20
    for one, other in zip(gan, penalty, strict=True):
        assert one.setting.optimizer == other.setting.optimizer
        kinds = one.setting.critic.normalization, other.setting.critic.normalization  # type: ignore[union-attr]
        assert kinds in {("none", "none"), ("batch", "layer")}
    assert len({condition.setting.optimizer for condition in gan}) == 20


def test_a_look_is_one_run_of_so_many_draws(tmp_path: Path) -> None:
    study = load_text(tmp_path)
    runs = study.first_runs()
    assert {run.seed for run in runs} == {10}
    assert [run.levels["search"] for run in runs if run.arm == "gan"] == list(range(1, 13))
    more = study.runs_of(study.experiment.claims["succeeds"], 1)
    assert {run.levels["search"] for run in more} == set(range(1, 17))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("looks: [8, 16]", "looks: [8, 30]", "there are only 16 draws"),
        ("looks: [8, 16]", "looks: []", "looks must be 1 to 3 rising numbers"),
        ("looks: [12]", "looks: []", "looks must be 1 to 3 rising numbers"),
        ("tries: 5", "tries: 13", "needs 'tries', not more than the first look"),
        ("    cut: 0.5\n", "", "a paired_rate needs 'cut'"),
        ("kind: best_of\n    metric", "kind: trend\n    metric", "draws, along which no trend runs"),
        ("w1: {series: quality.w1}", "w1: {series: divergences.kl}", "there is no expected best"),
        ("critic_steps: [1, 5]", "critic_steps: [1, 0.5]", "critic_steps must be a whole number"),
        ("critic_steps: [1, 5]", "critic_stebs: [1, 5]", "unknown key 'critic_stebs'"),
        ("label: tuning run", "at: critic.width", "needs 'at' and 'values', or 'draws' in the place of both"),
        ("low: 1e-4,", "", "missing key 'low'"),
        ("arms: [gan, wgan-gp]}", "arms: [gan]}", "a figure of kind pairs needs two arms"),
    ],
)  # fmt: skip
def test_mistakes_are_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(UserError, match=re.escape(told)):
        load_text(tmp_path, TEXT.replace(old, new))
