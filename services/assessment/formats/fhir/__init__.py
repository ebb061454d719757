"""What assessment tells in FHIR R4: the instruments, the filled sheets, their scores. Plain dictionaries, read only."""
