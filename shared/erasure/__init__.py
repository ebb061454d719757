"""The end of a subject's data: restricted, left as a pseudonym, or erased, in each service and never brought back."""
