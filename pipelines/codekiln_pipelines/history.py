"""One repository's history becomes a GPT-2 that knows how that project changes."""

from typing import Any

from kfp import dsl

from codekiln.embed_commits.component import embed_commits
from codekiln.mine_commits.component import mine_commits
from codekiln.plan_training.component import plan_training
from codekiln.report.component import report
from codekiln.survey_history.component import survey_history
from codekiln.tokenize.component import tokenize
from codekiln.train_model.component import train_model
from codekiln_pipelines.placing import Placing

PHASES = "survey_history,mine_commits,tokenize,plan_training,embed_commits,train_model"
"""What the report accounts for, in running order."""


def pipeline(placing: Placing) -> Any:
    """Return the pipeline `history`, a component of Kubeflow's, its steps placed by `placing`."""
    on_cpu, on_gpu, pool = placing.on_cpu, placing.on_gpu, placing.pool

    @dsl.pipeline(name="history")
    def history(  # noqa: PLR0917 -- a form of ten fields
        repository: str,
        model_size: str = "medium",
        pretrained: str = "",
        tokenizer: str = "",
        embedding_model: str = "",
        config: str = "",
        gpu_type: str = pool.gpu_type,
        gpu_count: str = pool.gpu_count,
        gpu_node_selector: dict[str, str] = pool.gpu_node_selector,
        gpu_tolerations: list[dict[str, str]] = pool.gpu_tolerations,
    ) -> None:
        """Survey, mine, tokenize, plan, embed and train; report whatever came of it.

        Args:
            repository: Path or URL of the git repository.
            model_size: Size of the GPT-2 that is trained: tiny for a laptop, medium for a GPU.
            pretrained: Folder of a GPT-2 to start from; empty to start from scratch.
            tokenizer: Folder of a GPT-2 tokenizer; empty to train one on the history.
            embedding_model: Folder of a sentence-transformers model; empty for all-MiniLM-L6-v2.
            config: YAML sections that the phases read: training, epoch_calculation, tokenize, ...
            gpu_type: What the cluster calls its GPUs.
            gpu_count: GPUs for the training: 1, or 0 to train without.
            gpu_node_selector: Labels of the nodes that train.
            gpu_tolerations: Taints of those nodes that the training puts up with.

        """
        told = on_cpu(report(repository=repository, phases=PHASES, config=config))
        with dsl.ExitHandler(exit_task=told):
            survey = on_cpu(survey_history(repository=repository, config=config))
            mined = on_cpu(mine_commits(repository=repository, config=config).after(survey))
            commits = mined.outputs["commits"]
            on_cpu(embed_commits(commits=commits, model=embedding_model, config=config))
            tokens = on_cpu(tokenize(commits=commits, tokenizer=tokenizer, config=config))
            plan = on_cpu(plan_training(tokens=tokens.outputs["tokens"], config=config))
            on_gpu(
                train_model(
                    tokens=tokens.outputs["tokens"],
                    plan=plan.outputs["plan"],
                    size=model_size,
                    pretrained=pretrained,
                    config=config,
                ),
                gpu_type=gpu_type,
                gpu_count=gpu_count,
                gpu_node_selector=gpu_node_selector,
                gpu_tolerations=gpu_tolerations,
            )

    return history
