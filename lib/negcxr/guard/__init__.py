"""Nothing of a credentialed data set leaves the machine but aggregates over its patients.

Its terms forbid that an image, a report, an identifier, or anything else of one row gets
into a page, a result or a kept artifact. So what a run wrote is held against the rows
themselves: their identifiers, the words of their reports, and their number, since a table
with a row for each image holds no aggregates. What is doubtful is refused, and no message
repeats what was found.

Limits, which is what is not found:

* an identifier of fewer than five characters, unless it is all of a cell; a number that is
  written another way, as with separators;
* of a report, fewer than eight words in a row, which are not told from a prompt; reports
  outside the sample where its split has more than 5000, and those of other splits;
* rows of images in a table of at most 32 rows of numbers, in one whose rows are told apart
  by words or by a draw, step, layer or head, or in one that says it is a map of sentences,
  unless there are as many as images or patients;
* a group of fewer than five images where no column says how many they are, or where they
  are of one patient; and a single number over so few, which is found only if it has a
  prevalence, or is over one thing and has no note;
* two aggregates that differ by one patient, as those of a sample and of all but one;
* what is hidden on purpose.

Rows in the user's own cache of embeddings stay there, by hashes of content.
"""

from negcxr.guard.numbers import refuse_run_of_numbers
from negcxr.guard.rows import refuse_scalars, refuse_table
from negcxr.guard.secrets import APART, MINIMUM, Secrets, enough, secrets_for, secrets_of
from negcxr.guard.texts import refuse_text, strings_in

__all__ = [
    "APART",
    "MINIMUM",
    "Secrets",
    "enough",
    "refuse_run_of_numbers",
    "refuse_scalars",
    "refuse_table",
    "refuse_text",
    "secrets_for",
    "secrets_of",
    "strings_in",
]
