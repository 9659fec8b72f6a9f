"""plan_training: how many epochs, steps and hours, from the tokens that are really there."""
