"""Cluster profiles: how jobs are submitted to one cluster."""

from suite.spec.schema import Frozen


class Profile(Frozen, kw_only=True):
    """What every job of a cluster asks for. Times are in seconds, memory in MiB."""

    partition: str = ""
    """Empty, as account and qos, for the cluster's default."""
    account: str = ""
    qos: str = ""
    nodes: int = 1
    """Of a job with several processes."""
    processes: int = 1
    """Of one run, which share each batch: for a batch too large for one GPU."""
    gpus: int = 0
    """Of each process."""
    cpus: int = 1
    """Of each process; without GPUs so many batches of runs are trained side by side."""
    memory: int = 4096
    gpu_memory: int = 16384
    """Of one GPU: how many replicas are trained in one batch."""
    time: int = 4 * 3600
    """Limit of a job."""
    signal: int = 120
    """How long before the limit a job is told to save and leave."""
    checkpoint: int = 300
    """How often a run under way is saved."""
    requeues: int = 10
    """How often a job that was stopped by its limit goes on by itself."""
    target: int = 1800
    """About how long a job is meant to be: batches of runs are bundled into it up to this estimate.
    One that is longer makes a longer job."""
    speed: float = 1.0
    """How many times as fast as one core of the machine that the estimates were fitted on."""
    replicas: int = 0
    """Runs trained in one batch, at the most; 0 for as many as fit."""
    parallel: int = 0
    """Jobs of one array at work at once, at the most; 0 for as many as the cluster lets run."""
    max_jobs: int = 1000
    """Jobs of one user in the queue, at the most."""
    setup: tuple[str, ...] = ()
    """Lines of shell before Python starts: modules, an environment."""
    python: str = ""
    """The interpreter on the nodes; empty for the one that submits."""
    options: dict[str, str | int | bool] = {}
    """Any other options of sbatch, by their long names."""
