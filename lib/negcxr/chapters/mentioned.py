"""What real reports name and deny, sentence by sentence.

Idea: one table of mentions, a row for each finding that a sentence names, with what each
reader says of it; labels of reports, counts and draws of sentences all come from it.

Limits: a finding is what one of its words names, so reports that say it otherwise count
as silent; what that costs is measured against labels that people gave.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool

from negcxr.text.denials import denies_finding, readers
from negcxr.text.mentions import findings_in

MENTION = "mention alone"  # a reader that takes whatever is named for present


def mention_table(sentences: pd.DataFrame, findings: Sequence[str]) -> pd.DataFrame:
    """A row for each sentence and each finding that it names.

    Sentences that recur word for word are read once.

    Args:
        sentences: Columns report and sentence.

    Returns:
        report, sentence, finding, and of each reader whether it takes it as denied.
    """
    by_name, names = readers(), list(readers())
    rows = [
        [sentence, finding, *(denies_finding(sentence, finding, by_name[n]) for n in names)]
        for sentence in dict.fromkeys(sentences["sentence"])
        for finding in findings_in(sentence, findings)
    ]
    table = pd.DataFrame(rows, columns=["sentence", "finding", *names])
    table = table.astype(dict.fromkeys(names, bool))
    return sentences[["report", "sentence"]].merge(table, on="sentence")


def reading_names(mentions: pd.DataFrame) -> list[str]:
    """The readings of a table of mentions: the mention alone, then each reader."""
    return [MENTION, *(name for name in readers() if name in mentions)]


def label_matrix(
    mentions: pd.DataFrame, reports: Sequence[str], findings: Sequence[str], reading: str
) -> Bool[np.ndarray, "report finding"]:
    """Which findings each report has: named in a sentence that does not deny it.

    Args:
        reading: One of ``reading_names``.
    """
    said = mentions if reading == MENTION else mentions[~mentions[reading]]
    rows = pd.Index(reports).get_indexer(said["report"])
    columns = pd.Index(findings).get_indexer(said["finding"])
    labels = np.zeros((len(reports), len(findings)), dtype=bool)
    known = (rows >= 0) & (columns >= 0)
    labels[rows[known], columns[known]] = True
    return labels
