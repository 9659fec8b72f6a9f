"""Turn the history of code into code models, one phase at a time."""

import os

# When numpy is loaded, its OpenBLAS starts a thread for each core of the node, and they spin: 0.1
# CPU-seconds a process on two cores. Nothing here multiplies by it: torch has threads of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
