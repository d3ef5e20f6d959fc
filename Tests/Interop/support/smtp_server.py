"""A small mail server: ESMTP with STARTTLS and AUTH, strict about the order of things; it keeps what it was given."""
import base64
import email
import email.policy
import socketserver
import ssl
import subprocess
import threading


def certificate(folder):
    """(certificate, key) of a server called localhost, signed by itself."""
    cert, key = folder / "mail.pem", folder / "mail.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


class MailServer:
    """`.mails`: (sender, recipients, message) as they came; `.lines`: what clients said, logins left out.

    `auth`: `PLAIN`, `LOGIN` or None; `login`: (user, password). `tls`: (certificate, key), offered by STARTTLS, or spoken
    from the first byte with `implicit`. `refuse`: the beginning of a command that is answered 550.
    """

    def __init__(self, tls=None, implicit=False, auth=None, login=None):
        self.mails, self.lines, self.refuse = [], [], None
        self.auth, self.login, self.encrypted = auth, login, []
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    Session(outer, self.request, implicit).run()
                except (OSError, ValueError, IndexError):
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Session:
    def __init__(self, server, connection, implicit):
        self.server, self.connection, self.is_encrypted, self.is_known = server, connection, False, False
        if implicit:
            self.encrypt()
        self.file = self.connection.makefile("rb")

    def encrypt(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.is_encrypted = True
        self.file = self.connection.makefile("rb")

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def line(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ValueError("the connection ended, or a line without CR")
        return line[:-2].decode()

    def run(self):
        self.say("220 localhost ready")
        sender, recipients = None, []
        while True:
            line = self.line()
            word = line.split(" ")[0].split(":")[0].upper()
            self.server.lines.append("AUTH" if word == "AUTH" else line)
            if self.server.refuse and line.startswith(self.server.refuse):
                self.say("550 no")
            elif word == "EHLO":
                offers = ["localhost"]
                if self.server.context and not self.is_encrypted:
                    offers.append("STARTTLS")
                if self.server.auth and (self.is_encrypted or not self.server.context):
                    offers.append(f"AUTH {self.server.auth}")
                for offer in offers[:-1]:
                    self.say(f"250-{offer}")
                self.say(f"250 {offers[-1]}")
            elif word == "STARTTLS":
                self.say("220 go on")
                self.encrypt()
            elif word == "AUTH":
                self.log_in(line)
            elif word == "MAIL":
                if self.server.auth and not self.is_known:
                    self.say("530 who are you?")
                    continue
                sender, recipients = line[len("MAIL FROM:<"):-1], []
                self.say("250 ok")
            elif word == "RCPT":
                recipients.append(line[len("RCPT TO:<"):-1])
                self.say("250 ok")
            elif word == "DATA":
                self.say("354 go on")
                self.take(sender, recipients)
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("500 what?")

    def log_in(self, line):
        if line.startswith("AUTH PLAIN "):
            _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        else:
            self.say("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.line()).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.line()).decode()
        self.is_known = (user, password) == self.server.login
        self.say("235 welcome" if self.is_known else "535 no")

    def take(self, sender, recipients):
        lines = []
        while (line := self.line()) != ".":
            lines.append(line[1:] if line.startswith(".") else line)
        text = "\r\n".join(lines) + "\r\n"
        self.server.encrypted.append(self.is_encrypted)
        self.server.mails.append((sender, recipients, email.message_from_string(text, policy=email.policy.default)))
        self.say("250 taken")
