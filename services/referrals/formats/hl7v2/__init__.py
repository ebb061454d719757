"""HL7 v2 as hospitals' engines speak it: `REF^I12` to `I15` in ER7 in, `RRI` and `ACK` out."""

from services.referrals.formats.hl7v2.er7 import Er7, NotEr7, read
from services.referrals.formats.hl7v2.faults import Place, Refused, Severity, V2Fault, code_0357
from services.referrals.formats.hl7v2.header import Header, Trigger, check_header, fingerprint_of, header_of
from services.referrals.formats.hl7v2.inbound import Demand, read_demand
from services.referrals.formats.hl7v2.outbound import Envelope, acknowledgement, referral_answer, unreadable

__all__ = [
    "Demand",
    "Envelope",
    "Er7",
    "Header",
    "NotEr7",
    "Place",
    "Refused",
    "Severity",
    "Trigger",
    "V2Fault",
    "acknowledgement",
    "check_header",
    "code_0357",
    "fingerprint_of",
    "header_of",
    "read",
    "read_demand",
    "referral_answer",
    "unreadable",
]
