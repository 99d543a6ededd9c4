"""Where a coach's own exemplars lie, and what they are called: read in an instant, without torch.

The shell's completion asks for this at every press of Tab, so nothing but the file's head is read.
"""

import json
import os
import struct
from pathlib import Path

from fpcli.errors import UsageError
from fpcli.weights.locate import CACHE_VARIABLE, expanded, home_needed

FILE_NAME = "exemplars.safetensors"
METADATA_KEY = "fineparser-exemplars"
MOST_HEAD_BYTES = 16 * 2**20  # thousands of exemplars; a longer head is none of ours


def own_exemplars_folder() -> Path:
    """Return the folder of a coach's own exemplars; it may not exist yet.

    Beside the downloaded weights where FINEPARSER_CACHE is set, else in the platform's folder for
    data: emptying a cache must not lose them. Raises UsageError where neither is known.
    """
    if chosen := os.environ.get(CACHE_VARIABLE):
        return expanded(chosen) / "exemplars"
    from platformdirs import user_data_path

    with home_needed():
        return user_data_path("fineparser", appauthor=False) / "exemplars"


def described_exemplars() -> list[tuple[str, str, float]]:
    """Return key, dive number and height in metres of each own exemplar.

    Without any where there is no file, or none that can be read: `exemplars list` says why.
    """
    try:
        with (own_exemplars_folder() / FILE_NAME).open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))  # as safetensors begins
            head = json.loads(stream.read(min(length, MOST_HEAD_BYTES)))
        told = json.loads(head["__metadata__"][METADATA_KEY])["exemplars"]
        return [(one["key"], one["dive_number"], float(one["height_m"])) for one in told]
    except (UsageError, OSError, ValueError, KeyError, TypeError, struct.error):
        return []
