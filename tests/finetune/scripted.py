"""Trainings whose validations find what a test wants, so that the best step is known."""

from negcxr.finetune import tuning
from negcxr.finetune.tuning import Tuning

# By the step; the best weights are not the first and not the last.
RISING = {0: 0.1, 2: 0.2, 4: 0.3, 6: 0.25}


def script(patch, values=RISING):
    """Let validations select by these values; what else they measure is left.

    Args:
        patch: As pytest's ``monkeypatch``.
    """
    validate, measure = Tuning.validate, tuning.validated

    def scripted(self, loss):
        def measured(judge, embed):
            return {**measure(judge, embed), "selected": values[self.step]}

        tuning.validated = measured
        try:
            validate(self, loss)
        finally:
            tuning.validated = measure

    patch.setattr(Tuning, "validate", scripted)
