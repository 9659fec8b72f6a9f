"""report.html: one file that asks for nothing from outside, for people."""

import shlex
from datetime import datetime
from typing import Any

from codekiln.core.page import words
from codekiln.core.page.sheet import Fact, environment
from codekiln.report import training
from codekiln.report.advice import advice_on
from codekiln.report.comparison import compared
from codekiln.report.history import DAYS_A_YEAR, History
from codekiln.report.phases import Times
from codekiln.report.run import Run

NAME = "report.html"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

VERDICTS = {
    "success": "finished",
    "failed": "failed",
    "cancelled": "canceled",
    "incomplete": "incomplete",
}


def render(run: Run, times: Times, digest: str, now: datetime) -> str:
    """Return the page of `run`; `digest` is that of its configuration."""
    template = environment("codekiln.report").get_template("page.html")
    return template.render(
        run=run,
        title=words.title(run.repository),
        repository=words.public(run.repository),
        verdict=VERDICTS[run.state],
        facts=facts(run, times),
        times=times,
        longest=max([0.001, *(phase.seconds for phase in run.phases)]),
        curves=training.charts(run.training) if run.training else [],
        compared=compared(run.planned, run.training),
        advice=advice_on(run.failed),
        again=again(run),
        resume=resume(run),
        search=search(run),
        left_out=left_out(run),
        characters_per_token=characters_per_token(run),
        digest=digest,
        written=now.strftime("%Y-%m-%d %H:%M UTC"),
        days=DAYS,
    )


def facts(run: Run, times: Times) -> list[Fact]:
    """Return the tiles at the top, as far as the run came."""
    return [*_history_facts(run), *_token_facts(run), *_model_facts(run), *_time_facts(times)]


def _history_facts(run: Run) -> list[Fact]:
    if run.history is None:
        names = (("commits", "unique_commits"), ("authors", "unique_authors"))
        told = [(name, run.survey.get(key)) for name, key in names]
        return [Fact(name=n, value=words.count(v)) for n, v in told if isinstance(v, int)]
    past, rest = run.history, left_out(run)
    merges = words.counted(past.merges, "merge", "merges")
    note = f"the newest of {words.count(past.commits + rest)}" if rest else merges
    return [
        Fact(name="commits", value=words.count(past.commits), note=note),
        _author_fact(run, past),
        _span_fact(past),
    ]


def left_out(run: Run) -> int:
    """Return how many commits of the repository were not mined: mine_commits was told a number."""
    whole = run.survey.get("unique_commits")
    return max(0, whole - run.history.commits) if run.history and isinstance(whole, int) else 0


def _author_fact(run: Run, past: History) -> Fact:
    """Tell the survey's authors, for it reads the mailmap, unless not all commits were mined."""
    surveyed = run.survey.get("unique_authors")
    if isinstance(surveyed, int) and not left_out(run):
        return Fact(name="authors", value=words.count(surveyed), note="by mapped e-mail")
    return Fact(name="authors", value=words.count(past.authors), note="by e-mail address")


def _span_fact(past: History) -> Fact:
    """Tell the span of a history in years, or in days if it is younger than one."""
    note = f"{past.first} to {past.last}"
    if past.years < 1:
        return Fact(name="days", value=words.count(past.years * DAYS_A_YEAR), note=note)
    return Fact(name="years", value=f"{past.years:.1f}", note=note)


def _token_facts(run: Run) -> list[Fact]:
    if run.tokens is None:
        return []
    note = f"{words.count(run.tokens.sequences)} sequences of {run.tokens.window:,}"
    return [Fact(name="unique tokens", value=words.short(run.tokens.unique), note=note)]


def _model_facts(run: Run) -> list[Fact]:
    if run.training is None:
        return []
    told = run.training
    best = told.losses.best_validation
    return [
        Fact(name="parameters", value=words.short(told.model.parameters), note=told.hardware.name),
        Fact(name="validation loss", value=f"{best:.3f}", note=f"epoch {told.losses.best_epoch}"),
        Fact(name="perplexity", value=words.short(told.perplexity), note="on held-out commits"),
    ]


def _time_facts(times: Times) -> list[Fact]:
    if not times.seconds:
        return []
    return [Fact(name="in all", value=words.duration(times.seconds), note=times.started[:10])]


def again(run: Run) -> str:
    """Return the command that asks for the same run once more; empty where it is not known."""
    pipeline, told = run.asked.get("pipeline"), run.asked.get("parameters")
    if not isinstance(pipeline, str) or not isinstance(told, dict):
        return ""
    # What a recipe said is in these by now: another laid under them would change the run.
    given = [_flag(name, value) for name, value in told.items() if value]
    return " ".join(["codekiln run", shlex.quote(pipeline), "--recipe none", *given])


def _flag(name: str, value: Any) -> str:
    return f"--{name.replace('_', '-')} {shlex.quote(words.public(str(value)))}"


def resume(run: Run) -> str:
    """Return the command that goes on with a local run that did not finish."""
    pipeline = run.asked.get("pipeline")
    if run.state == "success" or not isinstance(pipeline, str):
        return ""
    return f"codekiln run {shlex.quote(pipeline)} --resume {shlex.quote(run.root)}"


def search(run: Run) -> str:
    """Return a command that searches the embedded commits; empty where there are none."""
    found = [p.last for p in run.phases if p.name == "embed_commits" and p.last]
    if not found:
        return ""
    folder = shlex.quote(found[0].location)
    return f'python -m codekiln.search_commits --embeddings {folder} --query "fix race in cache"'


def characters_per_token(run: Run) -> float:
    """Return what the tokenize phase measured; 0 where it did not."""
    found = [p.last.manifest.metrics for p in run.phases if p.name == "tokenize" and p.last]
    return found[0].get("characters_per_token", 0.0) if found else 0.0
