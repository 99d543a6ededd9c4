"""Make the README's pictures, with the commands that the README shows, of the simulated examples.

    python examples/make_pictures.py

Needs Chromium for the picture of the page; without it that one is left as it is, and said so. Run
it again whenever the weights or the looks change: the pictures are the commands' own output.
"""

import contextlib
import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2

EXAMPLES = Path(__file__).resolve().parent
PICTURES = EXAMPLES / "pictures"
KNOWN = ("dive.mp4", "--dive", "5253B", "--height", "10")
OTHER = ("--side-by-side", "phone.mp4", "--other-dive", "103B", "--other-height", "1")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PAGE_PX = (1280, 1915)
WIDTH_PX = 900  # of the pictures that are shrunk for the README
MEASURED_AT = 0.82  # share of the video at which the splash has been measured too
TERMINAL_COLUMNS = 92
GROUND, INK = (
    (17, 20, 25),
    (230, 230, 230),
)  # of the terminal, RGB; what we print names its colours itself


def main() -> int:
    """Write every picture; returns 1 where one could not be made."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        explain(made / "one", "--html", made / "page.html", "--figure", made / "figure.png")
        explain(made / "two", *OTHER)
        write_two_moments(made / "one", PICTURES / "overlay.jpg")
        keep(made / "two" / "dive-2-mid-flight.png", "side-by-side.jpg")
        keep(made / "figure.png", "figure.png")
        write_terminal(PICTURES / "terminal.svg")
        browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        if browser is None:
            sys.stderr.write("pictures/page.jpg stays as it is: no Chromium\n")
            return 1
        photograph(browser, made / "page.html", made / "page.png")
        keep(made / "page.png", "page.jpg")
    return 0


def explain(stills: Path, *more: object) -> None:
    """Run `fineparser explain` on the example, with an overlay and its stills."""
    stills.mkdir()
    words = ["explain", *KNOWN, "--overlay", stills / "out.mp4", "--stills", stills, *more]
    fineparser = [sys.executable, "-m", "fpcli"]
    subprocess.run(
        [*fineparser, *map(str, words), "-q"], cwd=EXAMPLES, check=True, stdout=subprocess.DEVNULL
    )


def write_two_moments(made: Path, target: Path) -> None:
    """Keep the overlay's mid-flight, and beside it a frame in which all measures are known."""
    video = cv2.VideoCapture(str(made / "out.mp4"))
    video.set(cv2.CAP_PROP_POS_FRAMES, round(MEASURED_AT * video.get(cv2.CAP_PROP_FRAME_COUNT)))
    told, late = video.read()
    video.release()
    if not told:
        raise RuntimeError("the overlay has no such frame")
    flying = cv2.imread(str(made / "dive-2-mid-flight.png"))
    cv2.imwrite(str(target), cv2.hconcat([flying, late]), [cv2.IMWRITE_JPEG_QUALITY, 88])


def write_terminal(target: Path) -> None:
    """Keep what `fineparser score` prints, as a dark terminal shows it."""
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    console = Console(
        record=True,
        width=TERMINAL_COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    console.print(Text.from_ansi(printed_on_a_terminal(["score", *KNOWN, "-q"])))
    svg = console.export_svg(
        title=f"fineparser score {' '.join(KNOWN)}", theme=TerminalTheme(GROUND, INK, [INK] * 8)
    )
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)  # nothing is fetched
    target.write_text(svg, "utf-8")


def printed_on_a_terminal(words: list[str]) -> str:
    """Return what a command writes where a terminal in colours listens."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    told = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(TERMINAL_COLUMNS)}
    with subprocess.Popen(
        [sys.executable, "-m", "fpcli", *words], cwd=EXAMPLES, stdout=theirs, env=kept | told
    ) as command:
        os.close(theirs)
        printed = b""
        with contextlib.suppress(
            OSError
        ):  # a terminal whose other end is closed has no end of file
            while block := os.read(ours, 65536):
                printed += block
    os.close(ours)
    if command.returncode:
        raise subprocess.CalledProcessError(command.returncode, words)
    return printed.decode().replace("\r\n", "\n")


def photograph(browser: str, page: Path, target: Path) -> None:
    """Show a page on a desktop's window and keep the picture."""
    alone = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
    alone += ["--disable-background-networking", "--proxy-server=127.0.0.1:9"]
    own = [f"--user-data-dir={page.parent / 'profile'}", f"--screenshot={target}"]
    size = f"--window-size={PAGE_PX[0]},{PAGE_PX[1]}"
    subprocess.run(
        [browser, *alone, *own, size, page.as_uri()], capture_output=True, check=True, timeout=60
    )


def keep(made: Path, name: str) -> None:
    """Shrink a picture to the README's width and keep it."""
    picture = cv2.imread(str(made))
    if picture.shape[1] > WIDTH_PX:
        height = round(picture.shape[0] * WIDTH_PX / picture.shape[1])
        picture = cv2.resize(picture, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    jpeg = [cv2.IMWRITE_JPEG_QUALITY, 88]
    png = [cv2.IMWRITE_PNG_COMPRESSION, 9]
    cv2.imwrite(str(PICTURES / name), picture, jpeg if name.endswith(".jpg") else png)


if __name__ == "__main__":
    sys.exit(main())
