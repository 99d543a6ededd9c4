"""Running commands in this process, and the files that people feed them by mistake."""

import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

Run = Callable[..., Result]


@pytest.fixture
def run(small_bundle_path: Path) -> Run:
    """Run `fineparser` with the small bundle."""

    def invoke(*arguments: object) -> Result:
        from fpcli.cli.app import app

        words = [str(argument) for argument in arguments]
        if "--weights" not in words:
            words += ["--weights", str(small_bundle_path)]
        return CliRunner().invoke(app, [*words, "--precision", "float32"])

    return invoke


@pytest.fixture(scope="session")
def loaded() -> dict[object, object]:
    """Models loaded so far."""
    return {}


@pytest.fixture
def load_once(monkeypatch: pytest.MonkeyPatch, loaded: dict[object, object]) -> None:
    """Load the same weights once for all commands that ask for this."""
    from fpcli.analysis.analyse import Analyser

    load = Analyser.from_file

    def known(path: Path, **options: object) -> object:
        asked = (path, *options.items())
        if asked not in loaded:
            loaded[asked] = load(path, **options)  # type: ignore[arg-type]
        return loaded[asked]

    monkeypatch.setattr(Analyser, "from_file", known)


@pytest.fixture(params=["missing", "empty", "text", "sound", "one frame", "cut"])
def unreadable(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    small_video: Path,
    make_video: Callable[..., None],
) -> Path:
    """A path ending in .mp4 from which no dive can be read, each in its own way."""
    path = tmp_path / "wrong.mp4"
    match request.param:
        case "empty":
            path.touch()
        case "text":
            path.write_text("the dive went well\n" * 50)
        case "sound":
            with path.open("wb") as stream, wave.open(stream, "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(8000)
                sound.writeframes(b"\0\1" * 8000)
        case "one frame":
            make_video(path, frames=1)
        case "cut":
            path.write_bytes(small_video.read_bytes()[:600])
    return path
