"""The finder's file: one network that goes with every bundle, since it only says where to look."""

import json
from pathlib import Path

import safetensors

from fpcli.errors import WeightsError
from fpcli.model.finder import Finder, FinderConfig
from fpcli.weights.card import require_readable
from fpcli.weights.registry import bundled_folder
from fpcli.weights.undisturbed import undisturbed

FINDER_FILE = "finder.safetensors"
METADATA_KEY = "finder"


def bundled_finder() -> Path:
    """Return where the finder lies. Raises WeightsError where it does not."""
    path = bundled_folder() / FINDER_FILE
    if not path.is_file():
        raise WeightsError(
            "The network that finds divers should come with the program and is not there.",
            "Install fineparser again.",
        )
    return path


def load_finder(path: Path) -> Finder:
    """Read a finder, ready for use.

    Raises WeightsError for a file that is missing, unreadable or holds none.
    """
    require_readable(path)
    try:
        with undisturbed(), safetensors.safe_open(path, framework="pt") as file:
            config = json.loads((file.metadata() or {})[METADATA_KEY])["config"]
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        finder = Finder(FinderConfig.from_dict(config))
        finder.load_state_dict(state)
    except (OSError, KeyError, ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise WeightsError(
            f"{path.name} holds no finder that can be used.", "Install fineparser again."
        ) from error
    return finder.eval()
