"""What the shell offers when a person presses Tab; plain Python only, so that it is instant."""

DEVICES = ("auto", "cpu", "cuda", "cuda:0", "mps")


def complete_devices(incomplete: str) -> list[str]:
    """Offer the devices by name; whether one is there is checked when the command runs."""
    return [device for device in DEVICES if device.startswith(incomplete)]
