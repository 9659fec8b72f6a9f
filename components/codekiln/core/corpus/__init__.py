"""The formats of what is collected: records in Parquet, with a written schema."""
