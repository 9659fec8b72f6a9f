"""train_model: a token folder and a plan become a GPT-2, its report, charts and samples."""
