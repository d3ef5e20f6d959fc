"""A small OpenID Connect provider: discovery, keys, authorization code with PKCE, RS256. It really checks what it is sent."""
import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*words, stdin=b""):
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True).stdout


class Key:
    """A key pair that signs tokens."""

    def __init__(self, kid, algorithm="RS256"):
        self.kid, self.algorithm = kid, algorithm
        kind = ("RSA", "rsa_keygen_bits:2048") if algorithm == "RS256" else ("EC", "ec_paramgen_curve:P-256")
        self.private = openssl("genpkey", "-algorithm", kind[0], "-pkeyopt", kind[1])
        self.pem = openssl("pkey", "-pubout", stdin=self.private)

    @property
    def jwk(self):
        common = {"kid": self.kid, "alg": self.algorithm, "use": "sig"}
        if self.algorithm == "RS256":
            modulus = openssl("rsa", "-noout", "-modulus", stdin=self.private).decode().strip().removeprefix("Modulus=")
            return {**common, "kty": "RSA", "n": b64(bytes.fromhex(modulus)), "e": "AQAB"}
        point = openssl("pkey", "-pubout", "-outform", "DER", stdin=self.private)[-64:]
        return {**common, "kty": "EC", "crv": "P-256", "x": b64(point[:32]), "y": b64(point[32:])}

    def sign(self, claims, **header):
        text = head({"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **header}, claims)
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.private)
            file.flush()
            signature = openssl("dgst", "-sha256", "-sign", file.name, stdin=text.encode())
        if self.algorithm == "ES256":                     # DER: 30 len 02 len r 02 len s
            r = signature[4:4 + signature[3]]
            s = signature[6 + len(r):]
            signature = b"".join(part.lstrip(b"\0").rjust(32, b"\0") for part in (r, s))
        return f"{text}.{b64(signature)}"


def head(header, claims):
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"


def hs256(secret, claims, **header):
    text = head({"alg": "HS256", "typ": "JWT", **header}, claims)
    secret = secret if isinstance(secret, bytes) else secret.encode()
    return f"{text}.{b64(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def unsigned(claims):
    return head({"alg": "none", "typ": "JWT"}, claims) + "."


class Provider:
    """`.claims`: who the person at its login is. `.spoil(claims)`: changes an id_token's claims before they are signed."""

    client_id, client_secret = "chard", "provider-secret"

    def __init__(self):
        self.keys, self.claims, self.codes, self.key_requests = [Key("first")], {}, {}, 0
        self.spoil, self.signer = lambda claims: claims, None
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                provider.get(self)

            def do_POST(self):
                provider.post(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/realm"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def answer(handler, status, body=b"", **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def json(self, handler, value, status=200):
        self.answer(handler, status, json.dumps(value).encode(), **{"Content-Type": "application/json"})

    def get(self, handler):
        path, _, query = handler.path.partition("?")
        if path == "/realm/.well-known/openid-configuration":
            self.json(handler, {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"})
        elif path == "/realm/keys":
            self.key_requests += 1
            self.json(handler, {"keys": [{"kty": "future", "kid": "?"}] + [key.jwk for key in self.keys]})
        elif path == "/realm/authorize":
            asked = dict(urllib.parse.parse_qsl(query))
            assert asked["response_type"] == "code" and asked["client_id"] == self.client_id, asked
            assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split(), asked
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = urllib.parse.urlencode({"code": code, "state": asked["state"]})
            self.answer(handler, 302, Location=f"{asked['redirect_uri']}?{back}")
        else:
            self.answer(handler, 404)

    def post(self, handler):
        form = dict(urllib.parse.parse_qsl(handler.rfile.read(int(handler.headers["Content-Length"])).decode()))
        expected = base64.b64encode(f"{self.client_id}:{urllib.parse.quote(self.client_secret, safe='')}".encode()).decode()
        asked = self.codes.pop(form.get("code"), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if handler.headers["Authorization"] != f"Basic {expected}":
            return self.json(handler, {"error": "invalid_client"}, 401)
        if not asked or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return self.json(handler, {"error": "invalid_grant"}, 400)
        now = time.time()
        claims = self.spoil({"iss": self.issuer, "aud": self.client_id, "iat": int(now), "exp": int(now) + 300,
                             "nonce": asked["nonce"], "sub": "1", **self.claims})
        self.json(handler, {"access_token": "x", "token_type": "Bearer",
                            "id_token": (self.signer or self.keys[-1].sign)(claims)})

    def settings(self, **more):
        return {"issuer": self.issuer, "client_id": self.client_id, "client_secret": self.client_secret, **more}
