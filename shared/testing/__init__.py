"""Parts for tests that ship with the kernel; the services never import them."""
