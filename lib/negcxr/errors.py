"""The one error that a user can mend by changing what they passed in."""


class InputError(ValueError):
    """Input that cannot be used; the message names file, row, value and what is allowed."""


def said_of(error: OSError) -> str:
    """In one line, what the system refused, and of which file where that is known."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
