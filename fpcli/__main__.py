"""`python -m fpcli` is `fineparser`."""

from fpcli.cli.app import main

if __name__ == "__main__":
    main()
