"""SMART's configuration (App Launch 2.2, backend services), made of what an issuer says of itself."""

from collections.abc import Mapping
from typing import Any


def of_discovery(found: Mapping[str, Any]) -> dict[str, Any]:
    """The SMART configuration from an OpenID Connect discovery document; nothing is claimed that is not in it."""
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    capabilities = ["permission-v2"]
    if "private_key_jwt" in methods:
        capabilities.append("client-confidential-asymmetric")
    if any(str(method).startswith("client_secret") for method in methods):
        capabilities.append("client-confidential-symmetric")
    copied = (
        *("issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "introspection_endpoint"),
        *("token_endpoint_auth_signing_alg_values_supported", "scopes_supported", "response_types_supported"),
        *("code_challenge_methods_supported",),
    )
    return {
        **{name: found[name] for name in copied if name in found},
        "grant_types_supported": found.get("grant_types_supported", ["client_credentials"]),
        "token_endpoint_auth_methods_supported": methods,
        "capabilities": capabilities,
    }
