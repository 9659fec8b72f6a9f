"""train_tokenizer: cleaned examples in, a SentencePiece tokenizer out that gives each text back."""
