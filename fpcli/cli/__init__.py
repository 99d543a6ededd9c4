"""What a person types: one module a command, parsing and exit codes."""
