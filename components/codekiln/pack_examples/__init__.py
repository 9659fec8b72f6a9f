"""Phase: cleaned examples become rows of tokens of one length, packed full, for a model of code."""
