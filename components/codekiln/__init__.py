"""Turn the history of code into code models, one phase at a time."""

import os

# When numpy is loaded, its OpenBLAS starts a thread for each core of the node, and they spin: 0.1
# CPU-seconds a process on two cores. One does for the little that is multiplied by it (a question
# of a search with the vectors of commits); torch has threads of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
