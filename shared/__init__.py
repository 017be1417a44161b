"""What every service agrees on: messages, topics, outcomes and the bus."""
