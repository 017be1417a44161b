"""The programs of Tocsin: ingest, extractor, projection, and the command line."""
