"""Invented reports in the form of real ones, and labels for them."""

import pandas as pd

SENTENCES = {
    "r1": ["No pleural effusion.", "Mild cardiomegaly."],
    "r2": ["There is a small effusion.", "No pneumothorax or edema."],
    "r3": ["Lungs clear of edema.", "The heart is large."],
    "r4": ["No Pleural Effusion", "Pneumothorax was ruled out."],
    "r5": [],
}
GOLD = {  # Effusion, Cardiomegaly, Edema, Hernia, normal
    "r1": [0, 1, 0, 0, 0],
    "r2": [1, 0, 0, 0, 0],
    "r3": [0, 1, 0, 0, 0],
    "r4": [0, 0, 0, 0, 1],
    "r9": [1, 1, 1, 1, 0],
}


def sentences() -> pd.DataFrame:
    rows = [(report, "findings", s) for report, some in SENTENCES.items() for s in some]
    return pd.DataFrame(rows, columns=["report", "section", "sentence"])


def reports() -> pd.DataFrame:
    texts = {report: " ".join(some) for report, some in SENTENCES.items()}
    return pd.DataFrame({"report": list(texts), "text": list(texts.values())})


def gold() -> pd.DataFrame:
    names = ["Effusion", "Cardiomegaly", "Edema", "Hernia", "normal"]
    return pd.DataFrame(GOLD, index=names).T.rename_axis("report").reset_index()
