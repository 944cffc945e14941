"""The few errors a person can act on. What is expected and ordinary (a feed that is down) is an outcome in `model`, not an error."""


class MonitorError(Exception):
    """Base of the errors shown to a person as a sentence, never as a traceback.

    `exit_code` is what the command line returns: 1 for work that failed, 2 for something the person must change first.
    """

    exit_code = 1


class ConfigError(MonitorError):
    """Configuration that cannot be used. Each problem names the file, the key and the way out.

    Reported together, so that one start shows all of them.
    """

    exit_code = 2

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))

    def __reduce__(self) -> tuple[type, tuple[list[str]]]:
        return type(self), (self.problems,)


class SchemaError(MonitorError):
    """The database's schema is not the one this program writes: too old, too new, or left half migrated."""

    exit_code = 2


class InputError(MonitorError):
    """A file or argument given by the person is not what the command reads; names the file, the line and what was expected."""

    exit_code = 2
