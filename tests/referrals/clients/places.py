"""Where the clients of the guide are, and the packages that some of them need."""

from pathlib import Path

NODE = Path(__file__).parent / "node"
EXAMPLES = Path(__file__).parents[3] / "services" / "referrals" / "examples"
