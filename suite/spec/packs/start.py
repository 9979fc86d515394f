"""The files of a new experiment, with comments for whoever goes on from there."""

from pathlib import Path

PACK = """\
# A pack: experiments, and code for them, that the suite takes from outside.
# docs/packs.md of the suite says what each kind of thing has to be.
pack: {pack}
title: What this pack brings

# Each thing has a name, and at which module and function (or class) of this folder it is. `options` are
# its keywords, each with the value it has where a file gives none.
metrics:
  {metric}:
    at: metrics:share_above
    says: share of the points of a series above a level
    options: {{level: 0.5}}

# constraints:
#   orthonormal: {{at: "constraints:Orthonormal", options: {{weight: 0.1}}}}
# losses:
#   logistic: {{at: "losses:Logistic"}}
# data:
#   moons: {{at: "data:Moons", dimension: 2, options: {{noise: 0.1}}}}
# generators:
#   maxout: {{at: "networks:generator", options: {{width: 64}}}}
# critics:
#   maxout: {{at: "networks:critic", options: {{width: 64}}}}
# probes:
#   singular_values: {{at: "probes:singular_values", quantities: {{largest: largest singular value}}}}
# figures:
#   by_layer: {{at: "figures:by_layer", says: singular values by layer}}
"""
METRICS = '''\
"""Metrics: one number of a series, which has iterations and values. No torch is needed here."""

from suite.series import Series


def share_above(series: Series, level: float) -> float:
    """The share of a run's points whose value is above ``level``."""
    return float((series.values > level).mean())
'''
PAPER = """\
# The paper whose claims the experiments of this folder state.
id: {paper}
title: Title of the paper
authors: Its authors
year: 2026
venue: Where it appeared
url: https://example.org
bibtex: |
  @misc{{{paper}, title = {{Title of the paper}}, year = {{2026}}}}
"""
EXPERIMENT = """\
# An experiment: what is trained, in which arms, what is measured, and which claims are judged.
# Write the claims before you look at results: the hash of each rule is kept with every run.
id: {id}
title: What is shown here, in a few words
paper: {paper}
figure: Figure 1
tags: [toy]
notes: |
  What the paper says, where it says it, and what is done differently here.

# The setting that all arms share: the paper's own. The scales below change it.
base:
  data: eight_gaussians
  generator: {{kind: mlp, layers: 4, width: 512}}
  critic: {{kind: mlp, layers: 4, width: 512}}
  loss: wasserstein
  optimizer: {{kind: adam, lr: 1e-4, betas: [0.5, 0.9]}}
  batch_size: 256
  critic_steps: 5
  iterations: 100000
  # What is measured while training, at how many points.
  probes: {{quality: {{points: 10}}}}

# What is compared: by arm, the keys that differ from the base.
arms:
  clip:
    constraint: {{kind: clip, bound: 0.01}}
    optimizer: {{kind: rmsprop, lr: 5e-5}}
  penalty: {{constraint: {{kind: gradient_penalty, weight: 10}}}}
  # Of a pack: mine: {{constraint: pack-name/constraint_name}}

# One number a run: a probe's series, reduced over the training.
metrics:
  distance: {{series: quality.w1, says: exact W1 of the samples to held-out data}}
  distance_start: {{series: quality.w1, reduce: first, says: the same before training}}
{metric}
# The paper's sentences, each with the rule that decides it.
claims:
  penalty_learns_better:
    says: With a gradient penalty the samples get nearer to the data than with clipping.
    source: Section 1
    kind: ordering
    metric: distance
    arm: penalty
    versus: clip
    better: lower
    # The smallest difference that still counts.
    margin: 0.05
    # A case whose outcome is known: before training there can be no difference.
    controls:
      before training: {{expect: fails, metric: distance_start, says: generators that learned nothing}}

figures:
  distance: {{kind: curves, title: Distance to the data, y: quality.w1}}

# smoke: seconds, to try the plumbing; desk: minutes on two cores; gpu: up to an hour on a GPU.
scales:
  smoke:
    base:
      generator: {{width: 8}}
      critic: {{width: 8}}
      batch_size: 8
      critic_steps: 1
      iterations: 4
      probes: {{quality: {{points: 2, samples: 20, mode_samples: 50}}}}
  desk:
    base:
      generator: {{width: 64}}
      critic: {{width: 64}}
      optimizer: {{lr: 1e-3}}
      batch_size: 64
      critic_steps: 2
      iterations: 1000
    arms:
      clip: {{optimizer: {{lr: 5e-4}}}}
  gpu: {{}}
  paper: {{}}
"""
METRIC = """\
  # One that the pack brings.
  far_off:
    series: quality.w1
    reduce: pack
    use: {pack}/{metric}
    options: {{level: 0.5}}
    says: share of the training during which W1 was above 0.5
"""
LONGEST = 34
"""Letters of a pack whose metric can have a word more in its name: it has 40 at the most."""


def pack(folder: Path, name: str) -> dict[Path, str]:
    """The files of a new pack, without experiments."""
    declared = PACK.format(pack=name, metric=_metric(name))
    return {folder / "pack.yaml": declared, folder / "metrics.py": METRICS}


def paper(experiments: Path, name: str) -> dict[Path, str]:
    """The citation of a paper whose experiments are to be named ``name/...``."""
    return {_folder(experiments, name) / "paper.yaml": PAPER.format(paper=_key(name))}


def experiment(experiments: Path, paper: str, name: str, cites: str = "", pack: str = "") -> dict[Path, str]:
    """The experiment ``paper/name``, with a metric of the new ``pack``; ``cites`` is the paper's id."""
    metric = METRIC.format(pack=pack, metric=_metric(pack)) if pack else ""
    text = EXPERIMENT.format(id=f"{paper}/{name}", paper=cites or _key(paper), metric=metric)
    return {_folder(experiments, paper) / f"{name.replace('-', '_')}.yaml": text}


def _folder(experiments: Path, paper: str) -> Path:
    return experiments / paper.replace("-", "_")


def _metric(pack: str) -> str:
    """What the metric of a new pack is called: no two packs may bring one of the same name."""
    key = _key(pack)
    return f"{key}_above" if len(key) <= LONGEST else key


def _key(paper: str) -> str:
    """An id for a paper; one with author and year in it is better."""
    key = paper.replace("-", "_")
    return key if key[0].isalpha() else f"p_{key}"
