"""Events, reports and receipts come in from the log; queryable read models go out over HTTP."""
