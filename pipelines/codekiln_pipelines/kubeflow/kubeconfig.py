"""A kubeconfig, as far as the Kubernetes client can be told of it."""

from typing import Any

import yaml

from codekiln.core import address
from codekiln.core.errors import InputError

HOME_CONFIG = "~/.kube/config"


def load(path: str, context: str | None, told: Any, *, persist: bool) -> None:
    """Lay what the kubeconfig `path` says of `context` on `told`, a client.Configuration.

    `persist` lets the client write renewed tokens back. Raises InputError: why, and no remedy.
    """
    from kubernetes import config

    try:
        config.load_kube_config(path, context, told, persist_config=persist)
    except (config.ConfigException, OSError) as error:
        raise InputError(" ".join(str(error).split())) from error
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise InputError(f"{path} is no YAML, see its line {line}") from error
    except (TypeError, ValueError) as error:
        # The client takes its form for granted. What it holds may be a secret: it is not repeated.
        raise InputError(f"{path} has not the form of a kubeconfig") from error
    refuse_unusable(told)


def refuse_unusable(told: Any) -> None:
    """Raise InputError for what no request can be made of; the client finds out too late."""
    host = told.host if "://" in told.host else f"http://{told.host}"
    if not address.is_http(host):
        raise InputError(f"its server is {told.host!r}, no address")
    if any(not str(key).isprintable() for key in (told.api_key or {}).values()):
        raise InputError("its token holds a line end, or another character that no token has")
