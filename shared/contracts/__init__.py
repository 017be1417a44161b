"""The published contracts: JSON Schemas, examples and the AsyncAPI document, all generated and committed."""
