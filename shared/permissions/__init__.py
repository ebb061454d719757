"""Who may do what, and why: data, and the codes that stand in it."""
