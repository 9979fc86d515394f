"""Which batches several processes can share."""

from suite.errors import UserError
from suite.spec.schema import Setting


def check_shares(setting: Setting, processes: int, where: str) -> None:
    """UserError where the processes that train a run together cannot each take an equal part of a batch, or
    of each part of it whose gradients are accumulated.
    """
    batch, parts = setting.batch_size, processes * setting.accumulate
    if batch % parts:
        accumulated = f" ({processes} processes, accumulate {setting.accumulate})" * (setting.accumulate > 1)
        raise UserError(
            f"{where}: a batch of {batch} has no {parts} equal parts{accumulated}\n"
            f"    choose a batch_size that {parts} divides, or another number of processes"
        )
