"""What every service's HTTP side shares: problem details, health, limits, metrics, auth, and one way to serve."""
