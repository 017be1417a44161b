"""Raw reports come in from `reports.raw.v1`; typed events, receipts and dead letters go out."""
