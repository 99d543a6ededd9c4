"""A run's losses and measures for TensorBoard, which is an extra."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpcli.errors import UsageError
from fpcli.training.recipe import LOSSES

if TYPE_CHECKING:
    from fpcli.training.loop import StepLog
    from fpcli.training.validation import Validation

BOARD = "tensorboard"  # the folder's name in a run


class Board(AbstractContextManager["Board"]):
    """Event files that TensorBoard draws.

    folder: of the files. step: from which a run goes on; what was written after it is hidden.
    Raises UsageError where TensorBoard is not installed.
    """

    def __init__(self, folder: Path, step: int = 0) -> None:
        self._writer = writer_class()(str(folder), purge_step=step + 1 if step else None)

    def step(self, log: "StepLog") -> None:
        """Write a step's losses, learning rate and pace."""
        for name in ("total", *LOSSES):
            self._writer.add_scalar(f"loss/{name}", getattr(log, name), log.step)
        self._writer.add_scalar("learning rate", log.learning_rate, log.step)
        self._writer.add_scalar("clips a second", log.clips / log.seconds, log.step)

    def validation(self, step: int, found: "Validation") -> None:
        """Write what the held-out dives say."""
        for name in ("mark_error", "rho", "flight_iou", "mask_iou"):
            self._writer.add_scalar(f"held out/{name}", getattr(found, name), step)

    def __exit__(self, *exception: object) -> None:
        self._writer.close()


def writer_class() -> Any:
    """PyTorch's writer of event files. Raises UsageError where TensorBoard is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError(
            "TensorBoard is not installed.",
            "Install it with: pip install 'fineparser[tensorboard]'; log.csv is written anyway.",
        ) from error
    return SummaryWriter
