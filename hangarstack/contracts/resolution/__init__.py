"""What Avro Java, and so the generated code, does with what a writer wrote: `Resolver` 1.12.2, step by step."""
