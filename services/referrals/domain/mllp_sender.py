"""Who may speak HL7 v2 on the MLLP port, which knows no tokens: facilities (MSH-4) and the networks they call from."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


@dataclass(frozen=True)
class MllpSender:
    """A sending facility, the organisation that it stands for, and one network that it calls from."""

    facility: str
    organisation: str
    network: IPv4Network | IPv6Network

    def calls_from(self, address: str) -> bool:
        """Whether an address is in the network; an IPv4 address inside an IPv6 one counts as what it is."""
        found = ip_address(address.partition("%")[0])
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return found in self.network


def mllp_senders(listed: str) -> Sequence[MllpSender]:
    """`FACILITY=organisation@network`, comma-separated, one entry per network; raises ValueError."""
    made = []
    for entry in filter(None, (each.strip() for each in listed.split(","))):
        facility, equals, rest = entry.partition("=")
        organisation, at, network = rest.partition("@")
        if not (facility.strip() and equals and organisation.strip() and at):
            raise ValueError("an entry is FACILITY=organisation@network")
        made.append(MllpSender(facility.strip(), organisation.strip(), ip_network(network.strip())))
    return made


def organisation_of(senders: Sequence[MllpSender], facility: str, address: str) -> str | None:
    """The organisation that a facility stands for when it calls from this address."""
    allowed = (each for each in senders if each.facility == facility and each.calls_from(address))
    return next((each.organisation for each in allowed), None)
