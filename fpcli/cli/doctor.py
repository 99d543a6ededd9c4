"""`fineparser doctor`: what this installation can do, and what a bug report needs."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from fpcli import __version__
from fpcli.cli.options import Json
from fpcli.cli.streams import open_streams
from fpcli.errors import ExitCode, FineParserError, UsageError
from fpcli.text import printable

if TYPE_CHECKING:
    from rich.table import Table

EXAMPLES = ("fineparser doctor", "fineparser doctor --json > doctor.json")

SCHEMA_VERSION = "1.0"
LIBRARIES = (
    "torch",
    "torchvision",
    "av",
    "cv2",
    "numpy",
    "matplotlib",
    "safetensors",
    "typer",
    "rich",
    "platformdirs",
)


def doctor(as_json: Json = False) -> None:
    """Check this installation: versions, devices, codecs, cache, weights and their hashes.

    Exits with 4 if the weights that come with the program are missing or are not what their hash
    says, with 1 for any other problem.
    """
    import platform

    streams = open_streams(machine=as_json)
    problems: list[str] = []
    facts: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "fineparser": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu_count": os.cpu_count(),
        "libraries": _libraries(problems),
        "devices": _devices(),
        "video": _video(problems),
        "cache": _cache(problems),
    }
    other_problems = len(problems)
    facts["weights"] = _weights(problems)
    facts["problems"] = problems
    if as_json:
        streams.data(json.dumps(facts))
    else:
        streams.out.print(_table(facts))
        for problem in problems:
            streams.warn(problem)
        if not problems:
            streams.note("No problem found.")
    if len(problems) > other_problems:
        raise typer.Exit(ExitCode.WEIGHTS)
    if problems:
        raise typer.Exit(ExitCode.SOME_FAILED)


def _libraries(problems: list[str]) -> dict[str, str | None]:
    """Import every library that the program needs; return their versions."""
    from importlib import import_module
    from importlib.metadata import version

    versions: dict[str, str | None] = {}
    for name in LIBRARIES:
        try:
            module = import_module(name)
        except (ImportError, OSError) as error:  # OSError: a shared library it needs is missing
            versions[name] = None
            problems.append(f"{name} cannot be imported: {error}")
        else:
            versions[name] = getattr(module, "__version__", None) or version(name)
    return versions


def _devices() -> dict[str, Any]:
    """Return the devices by name, and the one that `auto` takes."""
    if "torch" not in sys.modules:
        return {"available": [], "auto": None}
    from fpcli.model.device import available_devices, describe_device, resolve_device

    return {"available": available_devices(), "auto": describe_device(resolve_device("auto"))}


def _video(problems: list[str]) -> dict[str, Any]:
    """Return FFmpeg's versions and which codec reads and writes H.264, which reading needs."""
    if "av" not in sys.modules:
        return {}
    import av
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    facts: dict[str, Any] = {
        "ffmpeg": {
            name: ".".join(map(str, numbers)) for name, numbers in av.library_versions.items()
        }
    }
    codecs: tuple[tuple[str, str, Literal["r", "w"]], ...] = (
        ("h264_decoder", "h264", "r"),
        ("hevc_decoder", "hevc", "r"),
        ("h264_encoder", "libx264", "w"),
        ("aac_encoder", "aac", "w"),
    )
    for title, codec, mode in codecs:
        try:
            facts[title] = Codec(codec, mode).name
        except UnknownCodecError:
            facts[title] = None
            problems.append(f"This FFmpeg has no {title.replace('_', ' ')}.")
    return facts


def _cache(problems: list[str]) -> dict[str, Any]:
    """Return where downloads go, and whether they can."""
    import shutil

    from fpcli.weights.download import offline
    from fpcli.weights.locate import cache_folder

    try:
        folder = cache_folder()
    except UsageError as error:
        problems.append(str(error))
        return {"folder": None, "writable": False, "free_bytes": None, "offline": offline()}
    nearest = next(place for place in (folder, *folder.parents) if os.access(place, os.F_OK))
    writable = nearest.is_dir() and os.access(nearest, os.W_OK)
    if not writable:
        problems.append(f"The cache folder {folder} cannot be written.")
    return {
        "folder": str(folder),
        "writable": writable,
        "free_bytes": shutil.disk_usage(nearest).free,
        "offline": offline(),
    }


def _weights(problems: list[str]) -> list[dict[str, Any]]:
    """Check the registered weights that are here, and that the default ones are."""
    from fpcli.weights import verify
    from fpcli.weights.registry import load_registry

    try:
        registry = load_registry()
        checks = verify.check_all(registry)
    except FineParserError as error:
        problems.append(str(error))
        return []
    problems += [
        f"The weights {check.entry.name} are {check.status}." for check in verify.problems(checks)
    ]
    return [
        {
            "name": check.entry.name,
            "path": str(check.path) if check.path else None,
            "status": check.status,
            "hash": str(check.entry.hash),
        }
        for check in checks
    ]


def _table(facts: dict[str, Any]) -> "Table":
    """Lay out the facts, a name and a value a row."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    libraries = facts["libraries"]
    video = facts["video"]
    cache = facts["cache"]
    rows = [
        ("fineparser", facts["fineparser"]),
        ("python", facts["python"]),
        ("platform", f"{facts['platform']}, {facts['cpu_count']} cores"),
        *((name, installed or "missing") for name, installed in libraries.items()),
        ("devices", ", ".join(facts["devices"]["available"]) or "unknown"),
        ("auto takes", facts["devices"]["auto"] or "unknown"),
        *((name.replace("_", " "), value) for name, value in _flat(video)),
        ("cache", _cache_line(cache)),
        ("offline", "yes" if cache["offline"] else "no"),
        *((weights["name"], _weights_line(weights)) for weights in facts["weights"]),
    ]
    for name, value in rows:
        table.add_row(name, str(value))
    return table


def _cache_line(cache: dict[str, Any]) -> str:
    """Return where the cache is and what room it has."""
    if cache["folder"] is None:
        return "unknown"
    return f"{printable(cache['folder'])}, {cache['free_bytes'] / 1e9:.1f} GB free"


def _flat(video: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the video facts with FFmpeg's libraries on one row."""
    libraries = ", ".join(f"{name} {number}" for name, number in video.get("ffmpeg", {}).items())
    codecs = [(name, value or "missing") for name, value in video.items() if name != "ffmpeg"]
    return [("ffmpeg", libraries or "unknown"), *codecs]


def _weights_line(weights: dict[str, Any]) -> str:
    """Return the state of weights and where they lie."""
    place = f", {printable(Path(weights['path']))}" if weights["path"] else ""
    return f"{weights['status']}{place}"
