"""peek: print what a path holds, whatever it is: records, a data set, tokens, a tokenizer."""
