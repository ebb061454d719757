"""SMART Backend Services in Python: `key` makes a key pair and prints its public half, `token` asks for a token."""

import json
import os
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

KEY = Path("private-key.pem")
BASE = f"{os.environ.get('RELAIS', 'http://127.0.0.1:8000')}/referrals/fhir"


def make_key() -> None:
    """A private key that never leaves this machine, and the JWKS to hand to the programme's operator."""
    key = ECKey.generate_key("P-384")
    KEY.touch(mode=0o600)
    KEY.write_bytes(key.as_pem(private=True))
    public = {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "ES384"}
    print(json.dumps({"keys": [public]}))


def ask_for_token(client_id: str, scope: str) -> None:
    """A token for five minutes; ask for a new one when four of them are over."""
    key = ECKey.import_key(KEY.read_bytes())
    with httpx.Client(trust_env=False) as client:
        url = client.get(f"{BASE}/.well-known/smart-configuration").raise_for_status().json()["token_endpoint"]
        header = {"alg": "ES384", "kid": key.thumbprint(), "typ": "JWT"}
        claims = {"iss": client_id, "sub": client_id, "aud": url, "exp": int(time.time()) + 60, "jti": str(uuid4())}
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(header, claims, key, algorithms=["ES384"]),
        }
        answer = client.post(url, data=form)
    if answer.status_code != 200:
        sys.exit(f"{answer.status_code} {answer.text}")
    print(answer.json()["access_token"])


if __name__ == "__main__":
    if sys.argv[1:] == ["key"]:
        make_key()
    else:
        ask_for_token(sys.argv[2], sys.argv[3])
