"""The kinds of input that come from outside, how good ones look, and what reads them."""

import gzip
import hashlib
import io
import json
import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import yaml

from suite.cluster import profiles
from suite.cluster.settings import tree_of
from suite.data import cifar, idx, npz
from suite.data.catalogue import entry
from suite.data.damage import reading
from suite.series import Series
from suite.spec.load import check_text, load
from suite.spec.overrides import parse_overrides, variants
from suite.spec.packs import declaration
from suite.store import compact, frames, reference
from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.store.checkpoints import held
from suite.store.progress import saved_iteration
from suite.store.record import Record
from suite.store.seal import Flaw, sealed, written
from suite.store.seal import _hash as seal_of
from suite.store.series import encode, series_of
from suite.store.store import RunFolder, Store, look_at
from suite.store.version import ROOT
from tests.data.published import cifar_batch, drawn
from tests.data.published import idx as idx_file
from tests.fuzz import data_kinds
from tests.fuzz.mutate import TEXTS, deep, of_bytes, of_lines, of_tree
from tests.launch.records import record

EXPERIMENTS = ROOT / "tests/spec/experiments"
PIXELS = 3072


class Kind(NamedTuple):
    """One kind of input."""

    seeds: Callable[[], list[bytes]]
    """Good inputs."""
    mutant: Callable[[bytes, random.Random], bytes]
    """A bad one made of a good one, or by chance another good one."""
    read: Callable[[bytes, Path], object]
    """What the suite does with it, in an empty folder; UserError where it is bad."""


# --- Text in YAML ---------------------------------------------------------------------


def mutant_of_yaml(content: bytes, rng: random.Random) -> bytes:
    how = rng.random()
    if how < 0.2:
        return of_bytes(content, rng)
    if how < 0.6:
        return of_lines(content, rng)
    return yaml.safe_dump(of_tree(_tree(content), rng), allow_unicode=True, sort_keys=False).encode(
        "utf-8", "replace"
    )


@cache
def _tree(content: bytes) -> Any:
    return yaml.safe_load(content)


def experiment_seeds() -> list[bytes]:
    own = [
        ROOT / "tests/spec/sample.yaml",
        ROOT / "tests/spec/drawn.yaml",
        *EXPERIMENTS.glob("wgan_gp/*o*er.yaml"),
        EXPERIMENTS / "wgan_gp/lender.yaml",
    ]
    shipped = sorted((ROOT / "experiments").glob("*/*.yaml"))
    small = [path for path in shipped if path.stat().st_size < 5000 and path.name != "paper.yaml"]
    every = [path.read_bytes() for path in [*own, *small]]
    # What they borrow from is not in the small folder of experiments that makes this fast.
    return [content for content in every if b"experiment: wgan/" not in content]


def read_experiment(content: bytes, folder: Path) -> object:
    id_, paper = (_said(content, key) for key in ("id", "paper"))
    check_text(content, "sample.yaml", id_, paper, EXPERIMENTS)


def _said(content: bytes, key: str) -> str:
    """What the file says itself, or each would be in the wrong place."""
    found = re.search(rf"^{key}: (\S+)", content.decode("utf-8", "replace"), re.MULTILINE)
    return found[1] if found else "x"


def profile_seeds() -> list[bytes]:
    full = b"""\
partition: gpu
account: a1
nodes: 2
processes: 4
gpus: 1
cpus: 4
memory: 16G
time: 4h
signal: 2m
checkpoint: 5m
speed: 2.5
setup:
  - module load cuda
  - source env/bin/activate
options:
  constraint: a100
  exclusive: true
  gres: gpu:a100:2
  nice: 5
"""
    return [full, *(path.read_bytes() for path in sorted((ROOT / "clusters").glob("*.yaml")))]


def read_profile(content: bytes, folder: Path) -> object:
    path = folder / "mine.yaml"
    path.write_bytes(content)
    return profiles.profile(str(path))


def pack_seeds() -> list[bytes]:
    return [
        (ROOT / place).read_bytes()
        for place in ("tests/packs/bag/pack.yaml", "examples/spectral_normalization/pack.yaml")
    ]


def read_pack(content: bytes, folder: Path) -> object:
    (folder / declaration.FILE).write_bytes(content)
    return declaration.read(folder)


# --- The command line -----------------------------------------------------------------

OVERRIDES = (
    "critic.width=128", "optimizer.lr=1e-4,5e-5", "data=gaussians", "constraint={kind: clip, c: 0.01}",
    "constraint=null", "arms.WGAN-GP.critic.width=3", "factors.depth.values=[1, 2]", "iterations=5",
    "claims.a.margin=0.5", "metrics.final.reduce=last", "base.batch_size=8", "loss=wasserstein", "critic=mlp",
    "seeds=1", "across.x.critic.width=4", "borrowed.x.arm=y", "figures.f.kind=curves", "probes.loss=10",
)  # fmt: skip
SETTINGS = (
    "partition=gpu", "time=2h", "memory=16G", "options.constraint=a100", "setup=module load x", "nodes=2",
    "processes=4", "gpus=1", "options.nice=5", "signal=60", "options.exclusive=true", "speed=1e3",
)  # fmt: skip


def mutant_of_words(content: bytes, rng: random.Random) -> bytes:
    """Words of a command, one a line."""
    words = content.decode().split("\n")
    rng.shuffle(words)
    return "\n".join(_word(word, rng) for word in words[: rng.choice([1, 1, 2, 4])]).encode(
        "utf-8", "surrogateescape"
    )


def _word(word: str, rng: random.Random) -> str:
    how = rng.random()
    path, _, value = word.partition("=")
    if how < 0.25:
        return f"{path}={rng.choice(TEXTS)}"
    if how < 0.45:
        return of_bytes(word.encode(), rng).decode("utf-8", "surrogateescape")
    if how < 0.6:
        parts = path.split(".")
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(TEXTS))
        return f"{'.'.join(parts)}={value}"
    if how < 0.75:
        return f"{rng.choice(OVERRIDES + SETTINGS).partition('=')[0]}={value}"
    if how < 0.85:
        return f"{path}={value},{','.join([rng.choice(TEXTS)] * rng.choice([1, 2, 50]))}"
    return word


def read_overrides(content: bytes, folder: Path) -> object:
    words = content.decode("utf-8", "surrogateescape").split("\n")
    every = variants(parse_overrides(words))
    return [load(EXPERIMENTS / "wgan_gp/lender.yaml", "smoke", each) for each in every[:2]]


def read_settings(content: bytes, folder: Path) -> object:
    return profiles.checked(tree_of(content.decode("utf-8", "surrogateescape").split("\n")))


# --- Records --------------------------------------------------------------------------


@cache
def whole_records() -> tuple[bytes, ...]:
    with gzip.open(ROOT / "results/reference/0.1.0/desk/records.jsonl.gz") as file:
        lines = file.read().splitlines()
    small = sorted((line for line in lines if b'"seal"' in line), key=len)[::40]
    return (*small[:8], written(sealed(record())))


def mutant_of_record(content: bytes, rng: random.Random) -> bytes:
    """One with a seal that fits, so that what it holds is looked at, or one without."""
    if rng.random() < 0.25:
        return of_bytes(content, rng)
    plain = of_tree(json.loads(content), rng)
    if isinstance(plain, dict) and rng.random() < 0.9:
        plain.pop("seal", None)
        plain |= {"seal": _seal(plain)}
    made = json.dumps(plain).encode()
    return (
        made.replace(b'"run":', f'"deep": {deep(rng)}, "run":'.encode(), 1) if rng.random() < 0.01 else made
    )


def _seal(plain: dict[str, Any]) -> str:
    try:
        return seal_of(plain)
    except (msgspec.MsgspecError, OverflowError):
        return ""


def read_record(content: bytes, folder: Path) -> object:
    found = _looked_at(content, folder)
    if isinstance(found, Flaw):
        return found
    return frames.runs_frame([found]), frames.metrics_frame([found]), sealed(found)


def _looked_at(content: bytes, folder: Path) -> Record | Flaw:
    path = folder / "record.json"
    path.write_bytes(content)
    text = content.decode("utf-8", "replace")
    try:  # Its own names, or all would be of another run.
        plain = json.loads(text)
        return look_at(path, plain["run"]["id"], plain["code"]["fingerprint"])
    except (ValueError, KeyError, TypeError, RecursionError, IndexError):
        return look_at(path, "x", "y")


def compact_seeds() -> list[bytes]:
    stamp = compact.Stamp(1, 2, 3, 4)
    records = [msgspec.json.decode(content, type=Record) for content in whole_records()]
    return [compact.encoded({each.run.id: compact.Kept(stamp, each) for each in records})]


def mutant_of_compact(content: bytes, rng: random.Random) -> bytes:
    """Nearly always with a digest that fits."""
    start = len(compact.MAGIC) + 32
    if rng.random() < 0.05:
        return of_bytes(content, rng)
    body = of_bytes(content[start:], rng) if rng.random() < 0.4 else _other_msgpack(content[start:], rng)
    return compact.MAGIC + hashlib.sha256(body).digest() + body


def _other_msgpack(body: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.01:
        return b"\x91" * 5000 + b"\xc0"
    try:
        return msgspec.msgpack.encode(of_tree(_unpacked(body), rng))
    except (msgspec.MsgspecError, OverflowError, TypeError):
        return of_bytes(body, rng)


@cache
def _unpacked(body: bytes) -> Any:
    return msgspec.msgpack.decode(body)


def read_compact(content: bytes, folder: Path) -> object:
    (folder / compact.NAME).write_bytes(content)
    found = compact.load(folder)
    return compact.encoded(found), frames.runs_frame(kept.record for kept in found.values())


LENT = b'{"run":"'
"""How a line on a lent run begins; that of a record begins with a mapping."""


@cache
def _few() -> bytes:
    """A reference of a few claims and records, and with what is lent of a run."""
    with gzip.open(ROOT / "results/reference/0.1.0/desk/records.jsonl.gz") as file:
        head, *lines = file.read().splitlines()
    claims = [line for line in lines if b'"verdict"' in line and b'"seal"' not in line][:3]
    records = list(whole_records()[:3])
    return b"\n".join([head, *claims, *records, lines[-1]])


def reference_seeds() -> list[bytes]:
    return [gzip.compress(_headed(_few(), {}), mtime=0)]


def _headed(content: bytes, more: dict[str, Any]) -> bytes:
    """The lines under a head whose counts and digest fit them."""
    first, _, rest = content.partition(b"\n")
    rest += b"\n"
    lines = rest.splitlines()
    runs = sum(1 for line in lines if b'"seal"' in line)
    lent = sum(1 for line in lines if line.startswith(LENT))
    head = json.loads(first) | {"claims": len(lines) - runs - lent, "runs": runs, "lent": lent}
    return json.dumps(head | {"digest": hashlib.sha256(rest).hexdigest()} | more).encode() + b"\n" + rest


def mutant_of_reference(content: bytes, rng: random.Random) -> bytes:
    how = rng.random()
    if how < 0.2:
        return of_bytes(content, rng)
    if how < 0.3:
        return gzip.compress(of_bytes(gzip.decompress(content), rng), 1)
    if how < 0.31:
        head, _, rest = gzip.decompress(content).partition(b"\n")
        return gzip.compress(head[:-1] + f', "deep": {deep(rng)}}}'.encode() + b"\n" + rest, 1)
    lines = gzip.decompress(content).splitlines()
    number = rng.randrange(len(lines))
    lines[number] = (
        mutant_of_record(lines[number], rng) if rng.random() < 0.8 else of_bytes(lines[number], rng)
    )
    return gzip.compress(_refitted(lines), 1)


def _refitted(lines: list[bytes]) -> bytes:
    try:
        return _headed(b"\n".join(lines), {})
    except (ValueError, TypeError):
        return b"\n".join(lines)


def read_reference(content: bytes, folder: Path) -> object:
    path = reference.place(folder, "1.0") / reference.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return reference.stated(folder, "desk"), reference.read_reference(folder)


# --- Data -----------------------------------------------------------------------------


def _in_reader(content: bytes, folder: Path, parse: Callable[[Path], object]) -> object:
    """As the suite reads a data set's file."""
    path = folder / "file"
    path.write_bytes(content)
    with reading(path, entry("mnist")):
        return parse(path)


def idx_seeds() -> list[bytes]:
    images, labels = drawn(3, 28, 28)
    return [idx_file(images), idx_file(labels)]


def read_idx(content: bytes, folder: Path) -> object:
    dimensions = 1 if content[3:4] == b"\1" else 3
    return _in_reader(content, folder, lambda path: idx.parse(path.read_bytes(), dimensions))


def cifar_seeds() -> list[bytes]:
    return [cifar_batch(drawn(2, 32, 32, 3))]


def mutant_of_pickle(content: bytes, rng: random.Random) -> bytes:
    """Mostly in its instructions, few bytes among many of pixels."""
    at = content.find(b"T") + 5
    head, rest = content[:at], content[at:]
    return of_bytes(head, rng) + rest if rng.random() < 0.7 else of_bytes(content, rng)


def read_cifar(content: bytes, folder: Path) -> object:
    return _in_reader(content, folder, lambda path: cifar.parse(path.read_bytes()))


def npz_seeds() -> list[bytes]:
    plain, packed = io.BytesIO(), io.BytesIO()
    data = np.arange(2 * PIXELS).reshape(2, PIXELS).astype(np.uint8)
    np.savez(plain, data=data, labels=np.arange(2))
    np.savez_compressed(packed, data=data, labels=np.arange(2))
    return [plain.getvalue(), packed.getvalue()]


def mutant_of_zip(content: bytes, rng: random.Random) -> bytes:
    """Mostly near the ends: the header of the first array and the list of members."""
    how = rng.random()
    if how < 0.4:
        return of_bytes(content[:200], rng) + content[200:]
    if how < 0.8:
        return content[:-300] + of_bytes(content[-300:], rng)
    return of_bytes(content, rng)


def read_npz(content: bytes, folder: Path) -> object:
    return _in_reader(
        content, folder, lambda path: (npz.rows(path, "data", PIXELS), npz.array(path, "data", PIXELS))
    )


def arrays_seeds() -> list[bytes]:
    rng = np.random.default_rng(1)
    part = {"iteration": np.array(7), "critic": rng.normal(size=50), "names": np.array(["a", "b"])}
    stored = io.BytesIO()
    np.savez(stored, **part)
    return [arrays_as_bytes(part), stored.getvalue(), arrays_as_bytes({"iteration": np.arange(3)})]


def read_arrays_file(content: bytes, folder: Path) -> object:
    for path in RunFolder(folder).checkpoints:
        path.write_bytes(content)
    saved_iteration(RunFolder(folder))
    return read_arrays(RunFolder(folder).checkpoints[0]), held(RunFolder(folder))


def series_seeds() -> list[bytes]:
    series = {name: Series(np.arange(5), np.linspace(0, 1, 5)) for name in ("critic_loss", "w")}
    return [encode(series)]


def read_series(content: bytes, folder: Path) -> object:
    store = Store(folder, "f")
    path = store.folder("r").path
    path.mkdir(parents=True, exist_ok=True)
    (path / "series.parquet").write_bytes(content)
    return series_of(store, "r"), frames.series_frame(store, ["r"])


def heartbeat_seeds() -> list[bytes]:
    return [b'{"host": "a", "process": 1, "time": 1e9, "iteration": 3, "iterations": 9, "rate": 0.5}']


def mutant_of_json(content: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.02:
        return content[:-1] + f', "deep": {deep(rng)}}}'.encode()
    return (
        of_bytes(content, rng)
        if rng.random() < 0.4
        else json.dumps(of_tree(json.loads(content), rng)).encode()
    )


def read_heartbeat(content: bytes, folder: Path) -> object:
    RunFolder(folder).heartbeat_path.write_bytes(content)
    return RunFolder(folder).heartbeat()


KINDS = {
    "experiment": Kind(experiment_seeds, mutant_of_yaml, read_experiment),
    "profile": Kind(profile_seeds, mutant_of_yaml, read_profile),
    "pack": Kind(pack_seeds, mutant_of_yaml, read_pack),
    "override": Kind(lambda: ["\n".join(OVERRIDES).encode()], mutant_of_words, read_overrides),
    "setting": Kind(lambda: ["\n".join(SETTINGS).encode()], mutant_of_words, read_settings),
    "record": Kind(lambda: list(whole_records()), mutant_of_record, read_record),
    "compact": Kind(compact_seeds, mutant_of_compact, read_compact),
    "reference": Kind(reference_seeds, mutant_of_reference, read_reference),
    "heartbeat": Kind(heartbeat_seeds, mutant_of_json, read_heartbeat),
    "idx": Kind(idx_seeds, of_bytes, read_idx),
    "cifar": Kind(cifar_seeds, mutant_of_pickle, read_cifar),
    "npz": Kind(npz_seeds, mutant_of_zip, read_npz),
    "lmdb": Kind(data_kinds.lmdb_seeds, data_kinds.mutant_of_lmdb, data_kinds.read_lmdb),
    "faces": Kind(data_kinds.faces_seeds, mutant_of_zip, data_kinds.read_faces),
    "picture": Kind(data_kinds.picture_seeds, of_bytes, data_kinds.read_picture),
    "split": Kind(data_kinds.split_seeds, of_lines, data_kinds.read_split),
    "sentences": Kind(data_kinds.sentences_seeds, data_kinds.mutant_of_text, data_kinds.read_sentences),
    "arrays": Kind(arrays_seeds, mutant_of_zip, read_arrays_file),
    "series": Kind(series_seeds, of_bytes, read_series),
}
