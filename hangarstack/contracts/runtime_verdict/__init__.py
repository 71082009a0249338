"""The runtime verdict: what a reader really gets, proved by records that are written and read."""

from hangarstack.contracts.runtime_verdict.comparing import Kind
from hangarstack.contracts.runtime_verdict.judge import judge, judge_runtime
from hangarstack.contracts.runtime_verdict.parsing import REFUSES, refusal, refused
from hangarstack.contracts.runtime_verdict.verdict import Misreading, RuntimeVerdict, Witness

__all__ = [
    "REFUSES",
    "Kind",
    "Misreading",
    "RuntimeVerdict",
    "Witness",
    "judge",
    "judge_runtime",
    "refusal",
    "refused",
]
