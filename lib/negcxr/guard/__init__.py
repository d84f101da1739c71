"""Nothing of a credentialed data set leaves the machine but aggregates over its patients.

Its terms forbid that an image, a report, an identifier, or anything else of one row gets
into a page, a result or a kept artifact. So what a run wrote is held against the rows
themselves: their identifiers, the words of their reports, and their number, since a table
with a row for each image holds no aggregates. What is doubtful is refused, and no message
repeats what was found.

Limits: an identifier of fewer than five characters is found in a cell of its own, not
within a text; of reports, any eight words in a row are found, and shorter pieces are not
told from a prompt. What is hidden on purpose is not found. Rows in the user's own cache of
embeddings stay there, by hashes of content.
"""

from negcxr.guard.rows import refuse_rows, refuse_table
from negcxr.guard.secrets import APART, MINIMUM, Secrets, enough, secrets_for, secrets_of
from negcxr.guard.texts import refuse_text

__all__ = [
    "APART",
    "MINIMUM",
    "Secrets",
    "enough",
    "refuse_rows",
    "refuse_table",
    "refuse_text",
    "secrets_for",
    "secrets_of",
]
