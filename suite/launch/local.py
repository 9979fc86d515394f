"""Run studies on this machine: each claim's first look, then further looks where undecided."""

import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from suite.launch.bar import Bar
from suite.launch.pool import Pool
from suite.launch.session import Others, Session
from suite.store.inventory import lock_of
from suite.store.lock import Lock
from suite.store.patches import keep_patch
from suite.store.seal import told
from suite.store.store import Store
from suite.study import Study


def run_here(
    studies: Sequence[Study],
    others: Others,
    store: Store,
    workers: int,
    checkpoint_seconds: float,
    shown: bool,
) -> Session:
    """Run what is missing of the studies on ``workers`` processes; the claims of the ``others``, which
    may look at the same runs some day, are put down in the records as well.

    Where another process of this machine trains in the same folder, wait until it has ended, and train what
    it has not.
    """
    with closing(Bar(shown)) as bar, Lock(lock_of(store.root, store.fingerprint)) as lock:
        begin = partial(_begun, studies, others, store, bar, workers, checkpoint_seconds)
        session, jobs = begin()
        if jobs and not lock.is_held:
            sys.stderr.write(f"another run is at work on {store.root}: this one goes on when it has ended\n")
            lock.wait()
            bar.forget()
            session, jobs = begin()
        if jobs:
            keep_patch(store)
            bar.note("the workers are loading")
            Pool(workers, session).run(jobs)
    return session


def _begun(
    studies: Sequence[Study], others: Others, store: Store, bar: Bar, workers: int, checkpoint_seconds: float
) -> tuple[Session, list[bytes]]:
    """A session on what is in the store now, and its first jobs."""
    contents = store.contents_of({run.id for study in studies for run in study.all_runs()})
    sys.stderr.write(told(contents.problems))
    session = Session(studies, others, store, contents.done, bar, workers, checkpoint_seconds)
    return session, session.start()
