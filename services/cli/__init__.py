"""The command line, `tocsin`: one entry for people to every service."""
