"""Profiles: where they are found, what they hold, and how mistakes in them are told."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suite.cluster import profiles, units
from suite.cluster.profile import Profile
from suite.cluster.profile_keys import LEGAL, READERS, description
from suite.cluster.profiles import profile
from suite.cluster.sbatch_options import RESERVED, gpus, refusal
from suite.errors import UserError
from suite.store.version import ROOT


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own profiles."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "wgan-suite"
    folder.mkdir(parents=True)
    return folder


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text)
    return str(path)


def error(folder: Path, text: str, *settings: str) -> str:
    path = written(folder, text)
    with pytest.raises(UserError) as caught:
        profile(path, settings)
    return str(caught.value).replace(path, "mine.yaml")


# --- Where they are -------------------------------------------------------------------


def test_every_profile_beside_the_program_can_be_read() -> None:
    names = [path.stem for path in (ROOT / "clusters").glob("*.yaml")]
    assert {"default", "gpu"} <= set(names)
    assert [profile(name).time for name in names]


def test_the_default_profile_asks_for_what_a_profile_asks_for_anyway() -> None:
    assert profile("default") == Profile()


def test_a_profile_of_the_users_own_is_found_by_its_name(home: Path) -> None:
    written(home, "partition: fast\n")
    assert profile("mine").partition == "fast"


def test_one_beside_the_program_comes_first(home: Path) -> None:
    (home / "default.yaml").write_text("partition: hidden\n")
    assert profile("default").partition == ""


def test_without_xdg_config_home_it_is_dot_config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative/is/ignored"):
        monkeypatch.setenv("XDG_CONFIG_HOME", value)
        assert profiles.folders()[1] == tmp_path / ".config" / "wgan-suite"


def test_an_unknown_name_lists_the_profiles_there_are(home: Path) -> None:
    written(home, "")
    with pytest.raises(UserError) as caught:
        profile("defualt")
    lines = str(caught.value).splitlines()
    assert lines[0] == "no cluster profile 'defualt'"
    assert lines[1] == "    did you mean 'default'? profiles: default, gpu, mine"
    assert str(home) in lines[2]


@pytest.mark.parametrize("name", ["../mine", "/etc/passwd", "a/b", "..", ".hidden", "", "mine\n", "a b"])
def test_a_name_does_not_leave_its_folder(home: Path, name: str) -> None:
    written(home.parent, "cpus: 2\n")
    with pytest.raises(UserError, match="no cluster profile"):
        profile(name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.yaml: no such file\n    profiles by name: default, gpu"):
        profile(str(tmp_path / "nowhere.yaml"))


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(UserError, match="no such file"):
        profile(str(tmp_path / "folder.yaml"))


@pytest.mark.parametrize(
    "made",
    [
        Profile(),
        Profile(time=5400, memory=512, gpu_memory=3 * 1024**2, speed=1e-06, checkpoint=61),
        Profile(
            partition="a,b",
            setup=("module load x", 'echo "it\'s" $HOME: # ü\t'),
            python="/opt/a b/py",
            options={
                "comment": "50%: #1",
                "exclusive": True,
                "nice": 7,
                "exclude": "007",
                "begin": "null",
            },
        ),
    ],
)
def test_a_profile_that_is_written_is_read_as_the_same(tmp_path: Path, made: Profile) -> None:
    path = tmp_path / "it.yaml"
    path.write_bytes(profiles.written(made))
    assert profile(str(path)) == made


# --- What they hold -------------------------------------------------------------------

EVERYTHING = """\
partition: gpu,long
account: group_a
qos: high
nodes: 2
processes: 4
gpus: 1
cpus: 8
memory: 1T
gpu_memory: 80G
time: 1d
signal: 5m
checkpoint: 90s
requeues: 0
target: 1h30m
speed: 2.5
replicas: 12
parallel: 3
max_jobs: 40
setup:
  - module load cuda   # of the site
  - "export A='b c'; echo \\"$A\\""
python: /opt/my env/bin/python
options:
  gres: gpu:a100:2
  constraint: "[ib*4&rack1]"
  exclusive: true
  nice: 100
  comment: it's fine, "really"
"""


def test_every_key_reaches_the_profile(tmp_path: Path) -> None:
    assert profile(written(tmp_path, EVERYTHING)) == Profile(
        partition="gpu,long",
        account="group_a",
        qos="high",
        nodes=2,
        processes=4,
        gpus=1,
        cpus=8,
        memory=1048576,
        gpu_memory=81920,
        time=86400,
        signal=300,
        checkpoint=90,
        requeues=0,
        target=5400,
        speed=2.5,
        replicas=12,
        parallel=3,
        max_jobs=40,
        setup=("module load cuda", "export A='b c'; echo \"$A\""),
        python="/opt/my env/bin/python",
        options={
            "gres": "gpu:a100:2",
            "constraint": "[ib*4&rack1]",
            "exclusive": True,
            "nice": 100,
            "comment": 'it\'s fine, "really"',
        },
    )


def test_the_file_with_everything_has_every_key() -> None:
    keys = [line.partition(":")[0] for line in EVERYTHING.splitlines() if line[0] not in " -"]
    assert keys == list(Profile.__struct_fields__)


def test_what_is_legal_is_said_of_every_key() -> None:
    assert LEGAL.keys() == set(Profile.__struct_fields__)
    assert READERS.keys() < LEGAL.keys()
    assert all(description(key) for key in READERS)


@pytest.mark.parametrize("text", ["", "# nothing\n\n   # at all\n"])
def test_a_file_of_comments_changes_nothing(tmp_path: Path, text: str) -> None:
    assert profile(written(tmp_path, text)) == Profile()


@pytest.mark.parametrize("key", sorted(READERS))
def test_defaults_with_a_unit_are_legal_as_they_are_shown(tmp_path: Path, key: str) -> None:
    default = getattr(Profile(), key)
    path = written(tmp_path, f"{key}: {with_unit(key, default)}\n")
    assert getattr(profile(path), key) == default


def with_unit(key: str, value: int) -> str:
    """A number as a profile's file has it."""
    return units.memory(value) if READERS[key] is units.mebibytes else units.duration(value)


def shown(key: str) -> str:
    """A default as the documentation writes it."""
    default = getattr(Profile(), key)
    words = {"partition": "the cluster's", "account": "the cluster's", "qos": "the cluster's"}
    if not default and default != 0:
        return {**words, "python": "the one that submits"}.get(key, "none")
    return f"`{with_unit(key, default) if key in READERS else default}`"


def test_the_documentation_has_every_key_with_its_default() -> None:
    text = (ROOT / "docs" / "cluster.md").read_text()
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| .+ \|$", text.partition("| key |")[2].partition("\n\n")[0], re.M
    )
    assert rows == [(key, shown(key)) for key in Profile.__struct_fields__]


def test_what_the_documentation_writes_into_a_profile_can_be_read(home: Path) -> None:
    text = (ROOT / "docs" / "cluster.md").read_text()
    (block,) = re.findall(r"^```yaml\n(partition: NAME\n(?:.+\n)+)```$", text, re.M)
    written(home, block)
    assert profile("mine") == Profile(partition="NAME", account="my-group", time=4 * 3600)


def test_the_commented_keys_of_the_example_are_legal(tmp_path: Path) -> None:
    lines = (ROOT / "clusters" / "gpu.yaml").read_text().splitlines()
    keys = [line.removeprefix("# ") for line in lines if re.match(r"# (  )?(- |[a-z]+:( |$))", line)]
    plain = [line for line in lines if line and not line.startswith("#")]
    made = profile(written(tmp_path, "\n".join([*plain, *keys])))
    assert made.options == {"gres": "gpu:a100:1", "constraint": "ib", "exclude": "node07,node08"}
    assert len(made.setup) == 2
    assert made.account
    assert made.python


# --- Settings of the command line -----------------------------------------------------


def test_settings_win_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "partition: slow\ncpus: 2\noptions: {constraint: old, nice: 5}\n")
    made = profile(path, ["partition=fast", "time=2h", "memory=512M", "speed=2", "options.constraint=new"])
    assert made == Profile(
        partition="fast", cpus=2, time=7200, memory=512, speed=2.0, options={"constraint": "new", "nice": 5}
    )


def test_setup_may_be_set_line_by_line_and_replaces_the_files(tmp_path: Path) -> None:
    path = written(tmp_path, "setup: [old]\n")
    lines = ["module load cuda, gcc", "export A=b  # and: {c}", "'quoted'"]
    assert profile(path, [f"setup={line}" for line in lines]).setup == tuple(lines)
    assert profile(path, ["setup="]).setup == ()
    assert profile(path, ["setup=", "setup=new"]).setup == ("new",)


def test_text_is_taken_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, "partition: slow\n")
    settings = [
        "partition=123",
        "account=null",
        "qos=true",
        "options.begin=010",
        "options.x=1.50",
        "options.y=a=b,c",
    ]
    made = profile(path, settings)
    assert (made.partition, made.account, made.qos) == ("123", "null", "true")
    assert made.options == {"begin": "010", "x": "1.50", "y": "a=b,c"}
    assert profile(path, ["partition="]).partition == ""


def test_options_have_flags_and_numbers_and_can_be_taken_away(tmp_path: Path) -> None:
    path = written(tmp_path, "options: {exclusive: true, nice: 5}\n")
    assert profile(path, ["options.nice=7"]).options == {"exclusive": True, "nice": 7}
    assert profile(path, ["options.contiguous=true"]).options == {
        "exclusive": True,
        "nice": 5,
        "contiguous": True,
    }
    assert profile(path, ["options.exclusive=null"]).options == {"nice": 5}


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("partition", "is not KEY=VALUE"),
        ("=gpu", "is not KEY=VALUE"),
        ("options.=gpu", "is not KEY=VALUE"),
        ("options=gpu", "options has no value of its own"),
        ("time.limit=2h", "'time' has no keys of its own\n    write --set time=..."),
        ("time=", "has no value"),
        ("options.constraint=", "has no value"),
        ("cpus=null", "cpus has no value"),
        ("options.nice=null", "options.nice has no value"),
        ("partitoin=gpu", "unknown key 'partitoin'\n    did you mean 'partition'? legal keys: account,"),
        ("cpus=0", "cpus must be a whole number of at least 1 and at most 1000000000, not 0"),
        ("cpus=1e400", "cpus must be a whole number"),
        ("time=90", "not '90'\n    write 90m for minutes, 90h for hours"),
        ("setup=a\nb", "setup[0] must be one line of shell"),
        ("options.time=2h", "'time' is not for options\n    write the profile's own key, time"),
    ],
)
def test_a_mistake_names_the_setting(tmp_path: Path, setting: str, says: str) -> None:
    text = error(tmp_path, "", setting)
    assert text.startswith(f"--set {setting!r}: ")
    assert says in text


@pytest.mark.parametrize("key", ["partition", "setup", "python", "options.comment", "options.\udcff"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, key: str) -> None:
    assert "must be" in error(tmp_path, "", f"{key}=a\udcff")


def test_a_setting_is_given_once(tmp_path: Path) -> None:
    assert "cpus is set twice" in error(tmp_path, "", "cpus=1", "cpus=2")
    assert "options.nice is set twice" in error(tmp_path, "", "options.nice=1", "options.nice=2")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = error(tmp_path, "cpus: 0\nmemory: 8\n", "tiem=1h", "options.array=1-9")
    assert [part in text for part in ("mine.yaml:1:7", "mine.yaml:2:9", "tiem", "options.array")] == [
        True
    ] * 4


# --- Mistakes in the file -------------------------------------------------------------

GOLDEN = {
    "unknown key": (
        "tiem: 2h\n",
        """\
mine.yaml:1:1: unknown key 'tiem'
     1 | tiem: 2h
         ^
    did you mean 'time'? legal keys: """
        + ", ".join(sorted(Profile.__struct_fields__)),
    ),
    "a clock": (
        "cpus: 1\ntime: 01:30:00\n",
        """\
mine.yaml:2:7: time must be a duration of at least 1m such as 90m, 2h, 1h30m or 1d, not '01:30:00'
     2 | time: 01:30:00
               ^
    write 1h30m""",
    ),
    "too short": (
        "time: 59s\n",
        """\
mine.yaml:1:7: time must be a duration of at least 1m such as 90m, 2h, 1h30m or 1d, not 59s
     1 | time: 59s
               ^""",
    ),
    "no unit": (
        "memory: 4096\n",
        """\
mine.yaml:1:9: memory must be an amount such as 512M or 8G, not '4096'
     1 | memory: 4096
                 ^
    write 4096M or 4096G""",
    ),
    "signal and time": (
        "time: 10m\nsignal: 5m\n",
        """\
mine.yaml:2:9: signal must be under half of time (10m), not 5m
     2 | signal: 5m
                 ^
    make signal shorter, or time longer""",
    ),
    "checkpoint and time": (
        "time: 5m\n",
        """\
mine.yaml:1:7: checkpoint must be under time (5m), not 5m
     1 | time: 5m
               ^
    make checkpoint shorter, or time longer""",
    ),
    "nodes and processes": (
        "nodes: 2\nprocesses: 3\n",
        """\
mine.yaml:1:8: processes must be a multiple of nodes (2), not 3
     1 | nodes: 2
                ^
    each node gets as many processes as the others""",
    ),
    "an option of the suite's": (
        "options:\n  cpus-per-task: 4\n",
        """\
mine.yaml:2:3: 'cpus-per-task' is not for options
     2 |   cpus-per-task: 4
           ^
    write the profile's own key, cpus""",
    ),
    "GPUs that do not agree": (
        "gpus: 1\nprocesses: 2\noptions: {gres: 'gpu:a100:1'}\n",
        """\
mine.yaml:3:17: gres asks for 1 GPUs a node, gpus and processes for 2
     3 | options: {gres: 'gpu:a100:1'}
                         ^
    make them agree: gpus is how many each process has""",
    ),
    "setup with a directive": (
        "setup:\n  - '#SBATCH --array=1-9'\n",
        """\
mine.yaml:2:5: setup is for lines of shell, not for options of sbatch
     2 |   - '#SBATCH --array=1-9'
             ^
    write options under options, as in options: {constraint: a100}""",
    ),
    "a number that is text": (
        "options: {begin: 010}\n",
        """\
mine.yaml:1:18: options.begin: 010 would be passed on as a number
     1 | options: {begin: 010}
                          ^
    write "010" in quotes""",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_mistake_is_told_with_its_place_and_cure(tmp_path: Path, name: str) -> None:
    text, expected = GOLDEN[name]
    assert error(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("signal: 14s", "signal must be a duration of at least 15s"),
        ("checkpoint: 0s", "checkpoint must be a duration of at least 1s"),
        ("gpus: -1", "gpus must be a whole number of at least 0"),
        ("nodes: 0", "nodes must be a whole number of at least 1"),
        ("speed: 0", "speed must be a number above 0"),
        ("max_jobs: 0", "max_jobs must be a whole number of at least 1"),
        ("memory: 0G", "memory must be an amount"),
        (
            "time: [2h]",
            "time must be a duration of at least 1m such as 90m, 2h, 1h30m or 1d, not a list of 1",
        ),
        ("cpus:", "cpus has no value"),
        ("partition: 123", 'write "123" in quotes'),
        ("partition: -p", "partition must be a name without blanks"),
        ("partition: 'a b'", "partition must be a name without blanks"),
        ('partition: "gpu\\n#SBATCH --array=1-9"', "partition must be a name"),
        ('account: "a\\n"', "account must be a name"),
        ("setup: module load cuda", "setup must be a list, each one line of shell"),
        ("setup: ['a\\nb']".replace("'", '"'), "setup[0] must be one line of shell"),
        ("setup: [' # SBATCH --hold']", "setup is for lines of shell"),
        ('python: "a\\nb"', "python must be the path of a program"),
        ("python: -c", "python must be the path of a program"),
        ("options: {exclusive: false}", "options.exclusive is false"),
        ("options: {constraint: }", "options.constraint has no value"),
        ("options: {constraint: ''}", "options.constraint must be"),
        ("options: {constraint: [a]}", "options.constraint must be"),
        ("options: {x: 1.5}", 'write "1.5" in quotes'),
        ("options: {nice: -5}", "options.nice must not start with a hyphen, as -5 does"),
        ("options: {comment: --array=1-9}", "options.comment must be"),
        ('options: {comment: "a\\n#SBATCH --array=1-9"}', "options.comment must be"),
        (
            'options: {comment: "a\\\\"}',
            "options.comment must be",
        ),
        ('options: {"comment\\n#SBATCH --array": x}', "in options must be a long option of sbatch"),
        ("options: {--comment: x}", "'--comment' in options must be a long option of sbatch"),
        ("options: {C: x}", "'C' in options must be a long option of sbatch"),
        ("options: {cpu_freq: x}", "'cpu_freq' in options must be a long option of sbatch"),
        ("options: {mem_per_cpu: 1G}", "write the profile's own key, memory"),
        ("options: {dep: 'afterok:1'}", "sbatch takes it for dependency"),
        ("options: {export: NONE}", "jobs need the variables of their own setup"),
        ("options: {gres: 'gpu:1'}", "gres asks for 1 GPUs a node, gpus and processes for 0"),
        ("- a", "must be a mapping"),
        ("cpus: 1\ncpus: 2", "duplicate key 'cpus'"),
        ("cpus: !!python/object:os.system 1", "tags are not part of this format"),
        ("cpus: &a 1", "anchors, aliases and tags"),
        ("cpus: {", "not valid YAML"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, says: str) -> None:
    assert says in error(tmp_path, text)


@pytest.mark.parametrize("option", sorted(RESERVED))
def test_what_the_suite_sets_itself_cannot_be_passed_on(option: str) -> None:
    assert refusal(option, "x")


@pytest.mark.parametrize(
    "option",
    [
        "constraint",
        "exclude",
        "nodelist",
        "reservation",
        "licenses",
        "exclusive",
        "gres",
        "nice",
        "wckey",
        "comment",
    ],
)
def test_what_it_does_not_set_can_be(option: str) -> None:
    assert refusal(option, "x") == ""


def test_keys_that_a_refusal_names_are_there() -> None:
    named = [cure.split("key, ")[1].split()[0].strip(":;,") for cure in RESERVED.values() if "key, " in cure]
    assert named
    assert set(named) <= set(Profile.__struct_fields__)


@pytest.mark.parametrize(
    ("gres", "count"),
    [
        ("gpu:2", 2),
        ("gpu:a100:4(S:0-1)", 4),
        ("gpu", 1),
        ("gpu:a100", 1),
        ("shard:8,gpu:a100:2,gpu:v100:1", 3),
        ("gpu:a100:2(S:0,2-3),nvme:1", 2),
        ("gres/gpu:3", 3),
        ("nvme:1", None),
        ("(null)", None),
        ("", None),
    ],
)
def test_gpus_in_slurms_list_of_resources(gres: str, count: int | None) -> None:
    assert gpus(gres) == count


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(Profile.__struct_fields__), VALUES, max_size=3))
def test_any_file_is_a_profile_of_one_line_values_or_a_users_error(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
) -> None:
    # JSON is YAML; what it escapes, YAML reads back.
    path = written(tmp_path_factory.getbasetemp(), msgspec.json.encode(content).decode())
    try:
        made = profile(path)
    except UserError:
        return
    lines = [made.partition, made.account, made.qos, made.python, *made.setup]
    lines += [str(part) for pair in made.options.items() for part in pair]
    assert not any(set(line) & set("\n\r\0") for line in lines)
    assert not any(str(part).startswith("-") for pair in made.options.items() for part in pair)
