"""What stops a command: one clear line and an exit code."""


class CliError(Exception):
    """The message is the one line that says what is wrong and how to mend it."""
