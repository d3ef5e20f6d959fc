"""Certificates for tests of amqps://."""
import subprocess

from servers.ports import LOOPBACK
from servers.process import Failure


def make(folder, account):
    """A certificate authority of our own, a server certificate for localhost and a client's, made once."""
    done = folder / "client.pem"
    if done.exists():
        return
    account.folder(folder)

    def openssl(*words):
        made = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True)
        if made.returncode != 0:
            raise Failure(f"openssl {words[0]} failed: {made.stderr.strip()}")

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", "3650", "-subj", "/CN=Chard test authority", "-keyout", "ca-key.pem", "-out", "ca.pem")
    for name, subject, extension in (
        ("server", "/CN=localhost", f"subjectAltName=DNS:localhost,IP:{LOOPBACK}\nextendedKeyUsage=serverAuth\n"),
        ("client", "/CN=chard", "extendedKeyUsage=clientAuth\n"),
    ):
        (folder / f"{name}.ext").write_text(extension)
        openssl("req", *key, "-subj", subject, "-keyout", f"{name}-key.pem", "-out", f"{name}.csr")
        openssl("x509", "-req", "-days", "3650", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem",
                "-CAcreateserial", "-extfile", f"{name}.ext", "-out", f"{name}.part")
        # These keys guard throw-away data on loopback; tests of any user may read them.
        (folder / f"{name}-key.pem").chmod(0o644)
        (folder / f"{name}.part").rename(folder / f"{name}.pem")
