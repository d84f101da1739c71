"""``python -m negcxr`` is ``negcxr``, for where the command is not on the path."""

from negcxr.cli import app

if __name__ == "__main__":
    app(prog_name="negcxr")
