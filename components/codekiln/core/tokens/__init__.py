"""The token folder: what every tokenize phase writes and every training phase maps into memory."""
