"""Files in, Parquet out: ledger workbooks become marts and rates."""
