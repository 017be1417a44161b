"""Reports go in over HTTP; durable raw reports come out on `reports.raw.v1`."""
