"""One repository's history becomes a GPT-2 that knows how that project changes."""

from kfp import dsl

from codekiln.embed_commits.component import embed_commits
from codekiln.mine_commits.component import mine_commits
from codekiln.plan_training.component import plan_training
from codekiln.report.component import report
from codekiln.survey_history.component import survey_history
from codekiln.tokenize.component import tokenize
from codekiln.train_model.component import train_model

PHASES = "survey_history,mine_commits,tokenize,plan_training,embed_commits,train_model"
"""What the report accounts for, in running order."""


@dsl.pipeline(name="history")
def history(
    repository: str,
    model_size: str = "medium",
    pretrained: str = "",
    tokenizer: str = "",
    embedding_model: str = "",
    config: str = "",
) -> None:
    """Survey, mine, tokenize, plan, embed and train; report whatever came of it.

    Args:
        repository: Path or URL of the git repository.
        model_size: Size of the GPT-2 that is trained: tiny for a laptop, medium for a GPU.
        pretrained: Folder of a GPT-2 to start from; empty to start from scratch.
        tokenizer: Folder of a GPT-2 tokenizer; empty to train one on the history.
        embedding_model: Folder of a sentence-transformers model; empty for all-MiniLM-L6-v2.
        config: YAML sections that the phases read: training, epoch_calculation, tokenize, ...

    """
    told = report(repository=repository, phases=PHASES, config=config)
    with dsl.ExitHandler(exit_task=told):
        survey = survey_history(repository=repository, config=config)
        mined = mine_commits(repository=repository, config=config).after(survey)
        embed_commits(commits=mined.outputs["commits"], model=embedding_model, config=config)
        tokens = tokenize(commits=mined.outputs["commits"], tokenizer=tokenizer, config=config)
        plan = plan_training(tokens=tokens.outputs["tokens"], config=config)
        train_model(
            tokens=tokens.outputs["tokens"],
            plan=plan.outputs["plan"],
            size=model_size,
            pretrained=pretrained,
            config=config,
        )
