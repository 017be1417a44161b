"""The brokers and databases of a deployment, on one machine and without containers."""
