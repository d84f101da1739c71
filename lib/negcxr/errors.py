"""The one error that a user can mend by changing what they passed in."""


class InputError(ValueError):
    """Input that cannot be used; the message names file, row, value and what is allowed."""
