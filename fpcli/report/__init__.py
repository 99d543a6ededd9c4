"""An analysis, shown: terminal, overlay video, rows for JSON and CSV."""
