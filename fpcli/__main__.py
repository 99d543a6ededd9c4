"""Where the program starts: `fineparser`, and `python -m fpcli`."""

import sys

from fpcli.errors import ExitCode


def main() -> None:
    """Run the command line; Ctrl-C ends it without a traceback, while it still loads too."""
    try:
        from fpcli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)


if __name__ == "__main__":
    main()
