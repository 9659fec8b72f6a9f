"""One run, gathered from what it left: the subject of both the page and the document."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from codekiln.core.corpus import shards
from codekiln.core.scratch import run_folder
from codekiln.core.tokens.windows import cut
from codekiln.report import comparison, history, training
from codekiln.report.comparison import Plan
from codekiln.report.history import History
from codekiln.report.phases import FAILED, NOT_RUN, Phase, judged
from codekiln.report.status import Ending
from codekiln.report.trail import Trail
from codekiln.report.training import Sample, Training

ASKED = "run.json"
"""What the local runner was asked; a cluster keeps that itself."""

MINING = "mine_commits"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """The data a model reads: tokens once, and as the overlapping windows hold them."""

    unique: int
    with_overlap: int
    sequences: int
    window: int
    overlap: int
    vocabulary: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """Everything that could be read; what a run did not reach is empty or None.

    The documents are JSON as the phases wrote it: they go into MANIFEST_DYNAMIC.json as they are.
    """

    repository: str
    root: str
    state: str
    phases: Sequence[Phase]
    survey: dict[str, Any]
    plan: dict[str, Any]
    training_document: dict[str, Any]
    planned: Plan | None
    training: Training | None
    samples: list[Sample]
    hardware_chart: str
    """A picture as a data: URI, or nothing."""
    history: History | None
    tokens: Tokens | None
    asked: dict[str, Any]
    notes: list[str]

    @property
    def failed(self) -> Phase | None:
        """Return the first phase that failed."""
        return next((phase for phase in self.phases if phase.status == FAILED), None)

    def without_details(self) -> "Run":
        """Return the run with its phases alone, for a page that its details would break."""
        return dataclasses.replace(
            self, survey={}, planned=None, training=None, samples=[], history=None, tokens=None
        )

    @property
    def repository_stats(self) -> dict[str, Any]:
        """Return the survey, and what was counted over the mined commits."""
        mined = dataclasses.asdict(self.history) if self.history else {}
        return {"survey": self.survey, "mined": mined}


def gather(trail: Trail, named: Sequence[str], repository: str, root: str, ending: Ending) -> Run:
    """Read whatever the run left."""
    phases = judged(named, trail, ending)
    told, plan = trail.document(training.NAME), trail.document(comparison.NAME)
    return Run(
        repository=repository,
        root=root,
        state=state(phases, ending),
        phases=phases,
        survey=trail.document("survey.json"),
        plan=plan,
        planned=trail.guarded(comparison.NAME, lambda: plan_of(plan), None),
        training_document=told,
        training=trail.guarded(training.NAME, lambda: training.read(told), None),
        samples=trail.guarded(training.SAMPLES, lambda: samples(trail), []),
        hardware_chart=trail.picture("hardware.svg"),
        history=trail.guarded("the history", lambda: mined(trail), None),
        tokens=trail.guarded("the tokens", lambda: counted(trail.document("tokens.json")), None),
        asked=trail.document(ASKED),
        notes=trail.notes,
    )


def state(phases: Sequence[Phase], ending: Ending) -> str:
    """Return success, failed, or incomplete where a phase has not run and nothing failed."""
    if ending.is_failure or any(phase.status == FAILED for phase in phases):
        return "cancelled" if ending.state == "CANCELLED" else "failed"
    if not phases or any(phase.status == NOT_RUN for phase in phases):
        return "incomplete"
    return "success"


def mined(trail: Trail) -> History | None:
    """Count the mined commits, if there are any."""
    found = trail.of(MINING)
    if not found:
        return None
    with run_folder("codekiln-report-") as scratch:
        return history.read(trail.copied(found[-1], shards.PATTERN, scratch))


def plan_of(document: dict[str, Any]) -> Plan | None:
    """Read what is shown of a plan; None if there is none, ValueError if it is broken."""
    return Plan.model_validate(document) if document else None


def samples(trail: Trail) -> list[Sample]:
    """Read the texts that the model wrote, if there are any."""
    return training.read_samples(json.loads(trail.text(training.SAMPLES) or "[]"))


def counted(info: dict[str, Any]) -> Tokens | None:
    """Return the counts that follow from tokens.json."""
    if not info:
        return None
    unique, window, overlap = int(info["tokens"]), int(info["window"]), int(info["overlap"])
    windows = cut(unique, window, overlap)
    return Tokens(
        unique=unique,
        with_overlap=sum(one.stop - one.start for one in windows),
        sequences=len(windows),
        window=window,
        overlap=overlap,
        vocabulary=int(info["vocab_size"]),
    )
