"""Pure translations between the domain and the wire formats of hospitals and partners."""
