"""FHIR R4 (4.0.1): the models of the resources that we handle, and their translation to and from the domain."""
