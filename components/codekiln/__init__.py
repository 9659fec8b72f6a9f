"""Turn the history of code into code models, one phase at a time."""
