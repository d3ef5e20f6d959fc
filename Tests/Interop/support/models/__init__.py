"""What the test model server is made of: the embedding model, the text it generates, the faults it can be told."""
