"""What the shell offers when a person presses Tab; plain Python only, so that it is instant."""

DEVICES = ("auto", "cpu", "cuda", "cuda:0", "mps")
EXEMPLAR_SOURCES = ("bundled", "mine", "both")


def complete_exemplars(incomplete: str) -> list[str]:
    """Offer whose dives may vote."""
    return [source for source in EXEMPLAR_SOURCES if source.startswith(incomplete)]


def complete_devices(incomplete: str) -> list[str]:
    """Offer the devices by name; whether one is there is checked when the command runs."""
    return [device for device in DEVICES if device.startswith(incomplete)]


def complete_weights(incomplete: str) -> list[tuple[str, str]]:
    """Offer the registered weights by name, each with what it is for."""
    from fpcli.weights.registry import load_registry

    return [
        (entry.name, entry.purpose)
        for entry in load_registry().entries
        if entry.name.startswith(incomplete)
    ]


def complete_scoring_weights(incomplete: str) -> list[tuple[str, str]]:
    """Offer the registered weights that score dives, each with what it is for."""
    from fpcli.weights.registry import Kind, load_registry

    return [
        (entry.name, entry.purpose)
        for entry in load_registry().entries
        if entry.kind is Kind.BUNDLE and entry.name.startswith(incomplete)
    ]


def complete_dive_numbers(incomplete: str) -> list[str]:
    """Offer the dives of the table that begin with what is typed."""
    from fpcli.diving.table import published_difficulties

    return [dive for dive in published_difficulties() if dive.startswith(incomplete.upper())]


def complete_exemplar_keys(incomplete: str) -> list[tuple[str, str]]:
    """Offer your own exemplars by key, each with its dive."""
    from fpcli.analysis.exemplar_file import described_exemplars

    return [
        (key, f"{dive} from {height:g} m")
        for key, dive, height in described_exemplars()
        if key.startswith(incomplete)
    ]
