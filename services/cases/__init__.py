"""Cases: the life of a case, its owner, its visits, its plan and tasks, and the agenda of the weekly meeting."""
