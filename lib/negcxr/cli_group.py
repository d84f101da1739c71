"""How every command ends that cannot go on: one line, and an exit code."""

import errno
from typing import Any

import typer
from typer.core import TyperGroup

from negcxr.errors import InputError, said_of
from negcxr.events import JobFailed

FULL = (errno.ENOSPC, errno.EDQUOT)  # a disk, or one's share of it


class OneLine(TyperGroup):
    """Tells a user what to mend, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; exit code 2 for input that cannot be used, 1 for a failed job."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            typer.echo(f"negcxr: {error}", err=True)
            raise typer.Exit(2) from None
        except FloatingPointError as error:  # a training that ran away
            typer.echo(f"negcxr: {error}", err=True)
            raise typer.Exit(1) from None
        except OSError as error:
            if error.errno not in FULL:
                raise
            typer.echo(f"negcxr: {said_of(error)}", err=True)
            raise typer.Exit(1) from None
        except JobFailed:
            raise typer.Exit(1) from None
