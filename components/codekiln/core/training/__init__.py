"""One engine for every model: it takes a model, batches and a plan, and gives weights."""
