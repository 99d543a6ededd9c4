"""FineParser: score a dive from video and see why."""

__version__ = "0.1.0"
