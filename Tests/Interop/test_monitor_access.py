"""Who may do what at the monitor, and what abuse comes to."""
import subprocess
import time
import urllib.parse

import pytest
from conftest import CHARD, clean_environment

from support import oidc
from support.monitor import Client
from support.waiting import eventually

pytestmark = pytest.mark.chard

USERS = {"eve": {"password": "viewer-password"}, "oscar": {"password": "operator-password", "role": "operator"}}
EVE, OSCAR = ("eve", "viewer-password"), ("oscar", "operator-password")
SECRET = "a secret of at least 32 characters!!"
JWT = {"secrets": [SECRET], "issuer": "tests", "audience": ["chard"], "operators": ["ops"]}
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def claims(**more):
    return {"iss": "tests", "aud": "chard", "sub": "tina", "exp": time.time() + 300, **more}


def routes(monitor):
    """(method, path, role) of every endpoint, as the program itself lists them, with something for each parameter."""
    done = subprocess.run([CHARD, "monitor", "routes", "--config", str(monitor.config)], capture_output=True, text=True,
                          env=clean_environment(), timeout=60, check=True, cwd=monitor.config.parent)
    found = [line.split(" ") for line in done.stdout.splitlines()]
    assert len(found) > 30
    return [(method, "/".join("x" if part[:1] == ":" else part for part in path.split("/")), role)
            for method, path, role in found]


@pytest.fixture(scope="module")
def closed(services, tmp_path_factory):
    """A monitor with users, tokens and JSON Web Tokens."""
    from support.monitor import Monitor
    settings = {"access": {"users": USERS, "jwt": JWT, "login_rate": 1000000, "request_rate": 100000, "tokens": {
        "script": {"token": "a-fixed-token-of-a-script", "role": "operator"}}}}
    monitor = Monitor(CHARD, tmp_path_factory.mktemp("closed"), clean_environment(), services.broker, services.backend,
                      services.management, settings)
    yield monitor
    monitor.stop()


# --- every endpoint ---------------------------------------------------------------------------------------------------

def ask(client, method, path):
    """The status; what streams is not waited for."""
    connection = client.connect()
    headers = {"Content-Length": "0"} if method != "GET" else {}
    if client.basic or client.bearer:
        headers.update(authorization(client))
    try:
        connection.request(method, client.prefix + path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def authorization(client):
    import base64
    if client.basic:
        return {"Authorization": "Basic " + base64.b64encode(":".join(client.basic).encode()).decode()}
    return {"Authorization": f"Bearer {client.bearer}"}


def test_every_endpoint_asks_for_credentials_that_count(closed):
    other = oidc.Key("other")
    forged = {
        "none": Client(closed.url),
        "wrong password": closed.client(basic=("oscar", "guess")),
        "alg none": closed.client(bearer=oidc.unsigned(claims(roles=["ops"]))),
        "wrong secret": closed.client(bearer=oidc.hs256("x" * 40, claims(roles=["ops"]))),
        "expired": closed.client(bearer=oidc.hs256(SECRET, claims(roles=["ops"], exp=time.time() - 3600))),
        "unknown key": closed.client(bearer=other.sign(claims(roles=["ops"]))),
    }
    for method, path, role in routes(closed):
        for name, client in forged.items():
            status = ask(client, method, path)
            assert (status != 401) == (role == "open"), f"{name}: {method} {path} is for {role}: {status}"


def test_a_viewer_sees_and_changes_nothing(closed):
    viewer = closed.client(bearer=oidc.hs256(SECRET, claims()))
    for method, path, role in routes(closed):
        if path in ("/login", "/logout"):
            continue                                      # they want the token of a form
        status = ask(viewer, method, path)
        assert (status == 403) == (role == "operator"), f"{method} {path} is for {role}: {status}"
        assert method == "GET" or role != "viewer", f"{method} {path} is for viewers"


def test_an_operator_is_refused_nothing(closed):
    operator = closed.client(bearer="a-fixed-token-of-a-script")
    for method, path, role in routes(closed):
        if method == "GET":
            assert ask(operator, method, path) not in (401, 403), f"{method} {path}"


def test_who_has_no_token_of_the_page_does_nothing(closed):
    """With a password, as browsers send it of themselves."""
    for method, path, role in routes(closed):
        if path.startswith("/actions/"):
            assert closed.client(basic=OSCAR).post(path, {"confirm": "x"}, None).status == 403, path


# --- tokens -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("problem, token", [
    ("expired", lambda: oidc.hs256(SECRET, claims(exp=time.time() - 100))),
    ("never expires", lambda: oidc.hs256(SECRET, {"iss": "tests", "aud": "chard"})),
    ("somebody else", lambda: oidc.hs256(SECRET, claims(aud="other"))),
    ("another issuer", lambda: oidc.hs256(SECRET, claims(iss="other"))),
    ("does not count yet", lambda: oidc.hs256(SECRET, claims(nbf=time.time() + 600))),
    ("does not count here", lambda: oidc.unsigned(claims())),
    ("nobody known", lambda: oidc.hs256(SECRET, claims())[:-2] + "AA"),
    ("nobody known", lambda: oidc.hs256("y" * 64, claims(), alg="HS512")),
    ("does not know", lambda: oidc.hs256(SECRET, claims(), crit=["b64"])),
    ("no token", lambda: "x.y"),
    ("no token", lambda: "x" * 10000),
    ("no token", lambda: "..."),
])
def test_a_token_that_does_not_count_is_refused_with_its_reason(closed, problem, token):
    answer = closed.client(bearer=token()).get("/api/workers", 401)
    assert problem in answer.text, answer.text


def test_roles_are_compared_whole(closed):
    for roles, status in ((["ops"], 403), (["OPS"], 403), (["ops2", "xops"], 403), ("ops other", 403), ([], 403)):
        answer = closed.client(bearer=oidc.hs256(SECRET, claims(roles=roles))).post("/api/worker/shutdown/nobody@x", {}, None)
        expected = roles in (["ops"], "ops other")
        assert (answer.status != status) == expected, (roles, answer)


@pytest.fixture
def provider():
    made = oidc.Provider()
    yield made
    made.close()


def test_keys_are_fetched_and_new_ones_found(new_monitor, provider):
    elliptic = oidc.Key("elliptic", "ES256")
    provider.keys.append(elliptic)
    jwt = {"jwks_url": f"{provider.issuer}/keys", "issuer": "tests", "audience": "chard"}
    monitor = new_monitor({"access": {"jwt": jwt, "login_rate": 1000}})
    for key in provider.keys:
        monitor.client(bearer=key.sign(claims())).get("/api/workers")
    public = oidc.hs256(provider.keys[0].pem, claims(), kid="first")
    assert "nobody known" in monitor.client(bearer=public).get("/api/workers", 401).text
    assert monitor.client(bearer=oidc.Key("first").sign(claims())).get("/api/workers", None).status == 401
    before = provider.key_requests
    for number in range(20):
        assert monitor.client(bearer=oidc.Key(f"new-{number % 2}", "ES256").sign(claims())).get("/api/workers", None).status == 401
    assert provider.key_requests <= before + 1, "unknown keys must not make the monitor ask again and again"


# --- logins -----------------------------------------------------------------------------------------------------------

def log_in(monitor, name, password, next="/tasks?state=FAILURE"):
    browser = Client(monitor.url)
    answer = browser.get(next, 303, BROWSER)
    page = browser.get(answer.headers["location"], headers=BROWSER)
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    return browser, browser.post("/login", {"name": name, "password": password, "next": next, "csrf": token}, None)


def test_a_login_leads_back_and_ends_with_logging_out(closed):
    browser, answer = log_in(closed, *EVE)
    assert (answer.status, answer.headers["location"]) == (303, "/tasks?state=FAILURE")
    cookie = next(line for line in answer.cookies if line.startswith("chard_session="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    page = browser.get("/audit")
    assert "eve" in page.text and "Log out" in page.text
    stolen = dict(browser.cookies)
    browser.post("/logout", {"csrf": browser.csrf()}, 303)
    thief = Client(closed.url)
    thief.cookies = stolen
    thief.get("/audit", 401)
    browser.get("/audit", 401)


def test_a_wrong_password_is_refused_and_written_down(closed):
    closed.client(basic=("nobody", "operator-password")).get("/audit", 401)
    _, answer = log_in(closed, "oscar", "wrong <b>")
    assert answer.status == 403 and "Wrong name or password" in answer.text and not answer.cookies
    audit = closed.client(basic=OSCAR).get("/audit?action=login-refused")
    assert "oscar" in audit.text and "wrong &lt;b&gt;" not in audit.text


def test_a_session_that_was_changed_opens_nothing(closed):
    import base64
    browser, _ = log_in(closed, *EVE)
    payload, signature = browser.cookies["chard_session"].split(".")
    text = base64.urlsafe_b64decode(payload + "==").replace(b"viewer", b"operator")
    for value in (f"{oidc.b64(text)}.{signature}", f"{payload}.", f"{payload}.{'A' * 43}", "x", "a.b.c"):
        browser.cookies["chard_session"] = value
        browser.get("/audit", 401)


def test_sessions_count_at_every_monitor_with_the_same_key(new_monitor):
    settings = {"access": {"users": USERS, "session_key": "k" * 32}}
    first, second = new_monitor(settings), new_monitor(settings)
    browser, _ = log_in(first, *EVE)
    other = Client(second.url)
    other.cookies = dict(browser.cookies)
    other.get("/audit")


def test_logins_are_limited_and_others_come_in_meanwhile(new_monitor):
    monitor = new_monitor({"access": {"users": USERS, "login_rate": 5, "proxies": ["127.0.0.1"]}})
    statuses = [monitor.client(basic=("eve", f"guess-{n}")).get("/audit", None, {"X-Forwarded-For": "203.0.113.7"}).status
                for n in range(8)]
    assert statuses == [401] * 5 + [429] * 3
    refused = monitor.client(basic=EVE).get("/audit", 429, {"X-Forwarded-For": "1.2.3.4, 203.0.113.7"})
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    monitor.client(basic=EVE).get("/audit", headers={"X-Forwarded-For": "203.0.113.8"})


def test_requests_are_limited(new_monitor):
    monitor = new_monitor({"access": {"request_rate": 2}})
    statuses = [monitor.get("/healthcheck", None).status for _ in range(20)]
    assert statuses[:10] == [200] * 10 and 429 in statuses


def test_passwords_may_be_hashes(new_monitor):
    done = subprocess.run([CHARD, "monitor", "hash-password"], input="pass: wörd\n", capture_output=True, text=True,
                          check=True)
    monitor = new_monitor({"access": {"users": {"hana": {"password": done.stdout.strip()}}}})
    monitor.client(basic=("hana", "pass: wörd")).get("/audit")
    monitor.client(basic=("hana", "pass: word")).get("/audit", 401)
    assert "pass: w" not in monitor.log()


# --- OpenID Connect ---------------------------------------------------------------------------------------------------

def oidc_monitor(new_monitor, provider, **settings):
    return new_monitor({"access": {"oidc": provider.settings(**settings)}})


def oidc_login(monitor, provider, next="/tasks"):
    """The browser's way to the provider and back; its last answer."""
    browser = Client(monitor.url)
    away = browser.get("/login/oidc", 303, next=next).headers["location"]
    assert away.startswith(f"{provider.issuer}/authorize?")
    back = Client(provider.issuer).request("GET", away.removeprefix(provider.issuer)).headers["location"]
    assert back.startswith(f"{monitor.url}/login/callback?")
    return browser, browser.get(back.removeprefix(monitor.url), None)


def test_a_provider_vouches_for_people(new_monitor, provider):
    monitor = oidc_monitor(new_monitor, provider, domains=["example.org"], operators=["ann@example.org"])
    provider.claims = {"email": "Ann@Example.org", "email_verified": True}
    browser, answer = oidc_login(monitor, provider)
    assert (answer.status, answer.headers["location"]) == (303, "/tasks"), answer
    assert "Ann@Example.org" in browser.get("/audit").text
    assert "as operator" in browser.get("/audit?action=login").text


@pytest.mark.parametrize("who", [
    {"email": "ann@example.org.evil.com", "email_verified": True}, {"email": "ann@evilexample.org", "email_verified": True},
    {"email": "ann@example.org@evil.com", "email_verified": True}, {"email": "ann@exampleXorg", "email_verified": True},
    {"email": "ann@example.org", "email_verified": False}, {"email": "ann@example.org"}, {},
    {"email": ["ann@example.org"], "email_verified": True}, {"roles": "admins2", "email": "x@y"},
])
def test_only_those_are_let_in_who_are_named(closed_oidc, provider_of_module, who):
    provider_of_module.claims = who
    browser, answer = oidc_login(closed_oidc, provider_of_module)
    assert answer.status == 403 and "may not log in" in answer.text, answer
    assert "chard_session" not in browser.cookies


@pytest.mark.parametrize("spoil", [
    lambda claims: {**claims, "nonce": "other"}, lambda claims: {**claims, "aud": "other"},
    lambda claims: {**claims, "iss": "https://evil.example"}, lambda claims: {**claims, "exp": time.time() - 600},
    lambda claims: {**claims, "aud": ["chard", "other"]}, lambda claims: {**claims, "azp": "other"},
    lambda claims: {key: value for key, value in claims.items() if key != "nonce"},
])
def test_a_providers_token_must_be_for_this_login(closed_oidc, provider_of_module, spoil):
    provider_of_module.claims = {"email": "ann@example.org", "email_verified": True}
    provider_of_module.spoil = spoil
    try:
        browser, answer = oidc_login(closed_oidc, provider_of_module)
    finally:
        provider_of_module.spoil = lambda claims: claims
    assert answer.status == 403 and "chard_session" not in browser.cookies, answer


@pytest.mark.parametrize("signer", [
    oidc.unsigned, lambda claims: oidc.Key("first").sign(claims),
    lambda claims: oidc.hs256(oidc.Provider.client_secret * 3, claims),
], ids=["unsigned", "wrong key", "the client's secret"])
def test_a_providers_token_must_be_signed_by_it(closed_oidc, provider_of_module, signer):
    provider_of_module.claims, provider_of_module.signer = {"email": "ann@example.org", "email_verified": True}, signer
    try:
        browser, answer = oidc_login(closed_oidc, provider_of_module)
    finally:
        provider_of_module.signer = None
    assert answer.status == 403 and "chard_session" not in browser.cookies, answer


def test_a_login_that_was_begun_elsewhere_is_not_finished_here(closed_oidc, provider_of_module):
    provider_of_module.claims = {"email": "ann@example.org", "email_verified": True}
    victim, attacker = Client(closed_oidc.url), Client(closed_oidc.url)
    away = attacker.get("/login/oidc", 303).headers["location"]
    back = Client(provider_of_module.issuer).request("GET", away.removeprefix(provider_of_module.issuer)).headers["location"]
    path = back.removeprefix(closed_oidc.url)
    assert victim.get(path, 403).status == 403 and "chard_session" not in victim.cookies
    victim.get("/login/oidc", 303)
    assert victim.get(path, 403).status == 403 and "chard_session" not in victim.cookies
    attacker.get(path, 303)
    assert attacker.get(path, 403).status == 403, "a code counts once"


@pytest.fixture(scope="module")
def provider_of_module():
    made = oidc.Provider()
    yield made
    made.close()


@pytest.fixture(scope="module")
def closed_oidc(services, tmp_path_factory, provider_of_module):
    from support.monitor import Monitor
    settings = {"access": {"login_rate": 1000000, "oidc": provider_of_module.settings(
        domains=["example.org"], groups=["admins"])}}
    monitor = Monitor(CHARD, tmp_path_factory.mktemp("oidc"), clean_environment(), services.broker, services.backend,
                      services.management, settings)
    yield monitor
    monitor.stop()


# --- cross-site -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://127.0.0.1:1"},
])
def test_other_sites_change_nothing(new_monitor, headers):
    monitor = new_monitor({"access": {"unauthenticated_api": True}})
    for path in ("/api/worker/shutdown/x@y", "/api/task/revoke/x"):
        assert monitor.post(path, {}, None, headers).status == 403
    for _, path, _ in routes(monitor):
        if path.startswith("/actions/"):
            assert monitor.post(path, {"csrf": monitor.csrf()}, None, headers).status == 403, path
    assert "refused" in monitor.get("/audit").text


def test_a_name_that_is_not_ours_opens_nothing(new_monitor):
    """DNS rebinding: the browser takes evil.example for us."""
    monitor = new_monitor({"hosts": ["chard.example.org"]})
    assert monitor.get("/", 421, {"Host": f"evil.example:{monitor.port}"}).status == 421
    for host in ("localhost", "chard.example.org", "[::1]", "127.0.0.1"):
        monitor.get("/", headers={"Host": f"{host}:{monitor.port}"})


@pytest.mark.parametrize("next", [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\t/evil.example",
    "/%0d%0aX: y\r\nX: y", "///evil.example",
])
def test_nobody_is_led_elsewhere(closed, next):
    browser = Client(closed.url)
    page = browser.get("/login", next=next)
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    answer = browser.post("/login", {"name": EVE[0], "password": EVE[1], "next": next, "csrf": token}, 303)
    assert answer.headers["location"] == "/", answer.headers["location"]
    assert "x" not in answer.headers


def test_no_link_makes_the_monitor_say_something(monitor):
    assert "Pay here" not in monitor.get("/?notice=Pay+here&failed=1").text
    assert "Pay here" not in monitor.get("/", headers={"Cookie": "chard_notice=UGF5IGhlcmU.AAAA"}).text


# --- without a login --------------------------------------------------------------------------------------------------

def test_the_api_needs_credentials_as_flowers_does(new_monitor):
    assert "FLOWER_UNAUTHENTICATED_API" in new_monitor().get("/api/workers", 401).text
    new_monitor(env={"FLOWER_UNAUTHENTICATED_API": "true"}).get("/api/workers")


def test_read_only_is_for_everybody(new_monitor):
    monitor = new_monitor({"read_only": True, "access": {"users": USERS}})
    operator = monitor.client(basic=OSCAR)
    for method, path, _ in routes(monitor):
        if method == "POST" and not path.startswith("/log"):
            assert operator.post(path, {}, None).status == 403, path


def test_metrics_can_be_closed(new_monitor):
    new_monitor({"access": {"users": USERS}}).get("/metrics")
    monitor = new_monitor({"access": {"users": USERS, "open_metrics": False}})
    monitor.get("/metrics", 401)
    monitor.client(basic=EVE).get("/metrics")
    monitor.get("/healthcheck")


def start(folder, services, *options, settings=None):
    """A monitor that is expected not to start: its output."""
    import yaml
    config = folder / "refused.yaml"
    config.write_text(yaml.safe_dump({"monitor": settings or {}}))
    done = subprocess.run([CHARD, "monitor", "--config", str(config), "--broker", services.broker, *options], timeout=30,
                          capture_output=True, text=True, env=clean_environment(), cwd=folder)
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_it_is_not_open_by_accident(services, tmp_path):
    said = start(tmp_path, services, "--address", "0.0.0.0", "--port", "0")
    assert "monitor.access.open: true" in said and "The monitor is at" not in said


def test_it_warns_when_it_is_open(new_monitor):
    monitor = new_monitor({"access": {"open": True}}, options=["--address", "0.0.0.0"])
    assert "it is open" in monitor.log()


def test_a_port_in_use_is_said_in_one_line(services, tmp_path, monitor):
    said = start(tmp_path, services, "--port", str(monitor.port))
    lines = [line for line in said.splitlines() if "in use" in line]
    assert f"port {monitor.port} is in use" in lines[-1]


@pytest.mark.parametrize("access, said", [
    ({"jwt": {"secrets": [SECRET]}}, "anybody's tokens would do"),
    ({"jwt": {"secrets": ["short"], "issuer": "x", "audience": "y"}}, "at least 32 characters"),
    ({"jwt": {"jwks_url": "http://example.org/keys", "issuer": "x", "audience": "y"}}, "https://"),
    ({"oidc": {"issuer": "https://x", "client_id": "y"}}, "say who may log in"),
    ({"users": {"x": {}}}, "is missing"), ({"users": {"x": {"password": "scrypt:1:2"}}}, "hash-password"),
    ({"tokens": {"x": {"token": "short"}}}, "20 characters"), ({"session_key": "short"}, "32 characters"),
    ({"tls_key": "x"}, "tls_certificate"),
])
def test_settings_that_would_leave_it_open_are_refused(services, tmp_path, access, said):
    assert said in start(tmp_path, services, "--port", "0", settings={"access": access})


# --- abuse ------------------------------------------------------------------------------------------------------------

def test_whatever_it_answers_forbids_browsers_to_do_more_with_it(monitor):
    for path in ("/", "/nothing", "/favicon.ico", "/static/style.css"):
        answer = monitor.get(path, None)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert "default-src 'self'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff", path


def test_a_method_that_a_path_does_not_know_is_refused_by_name(monitor):
    answer = monitor.post("/", {}, 405)
    assert answer.headers["allow"] == "GET, HEAD"
    assert "GET, HEAD" in answer.text
    assert monitor.request("HEAD", "/").body == b""


@pytest.mark.parametrize("path", [
    "/static/../pages/layout.html", "/static/..%2fpages%2flayout.html", "/static/%2e%2e/%2e%2e/etc/passwd",
    "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/pages/layout.html", "/static/style.css%00.png",
    "/static/....//pages/layout.html", "/static/..\\pages\\layout.html", "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
])
def test_no_path_leads_out(monitor, path):
    answer = monitor.get(path, None)
    assert answer.status in (400, 404) and "root:" not in answer.text and "{{" not in answer.text, answer


def test_static_files_are_asked_for_once(monitor):
    first = monitor.get("/static/style.css")
    assert first.headers["content-type"].startswith("text/css")
    again = monitor.get("/static/style.css", 304, {"If-None-Match": first.headers["etag"]})
    assert again.body == b""
    assert b"Chart" in monitor.get("/static/chart.js").body


def test_too_much_is_refused(monitor):
    with monitor.socket() as socket:
        socket.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Long: " + b"x" * 100_000 + b"\r\n\r\n")
        assert socket.recv(100).startswith(b"HTTP/1.1 4")
    with monitor.socket() as socket:
        socket.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n")
        assert socket.recv(100).startswith(b"HTTP/1.1 4")
    with monitor.socket() as socket:
        socket.sendall(b"POST /actions/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nx")
        assert socket.recv(100).startswith(b"HTTP/1.1 413")
    monitor.get("/healthcheck")


def test_a_form_that_never_ends_is_refused(monitor):
    action = next(path for _, path, _ in routes(monitor) if path.startswith("/actions/"))
    with monitor.socket() as socket:
        socket.sendall(f"POST {action} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        try:
            for _ in range(100):
                socket.sendall(chunk)
            socket.sendall(b"0\r\n\r\n")
        except OSError:
            pass
        assert b"413" in socket.recv(100)


@pytest.mark.limit(60)
def test_clients_who_dawdle_lose_their_connection(monitor):
    """Slowloris: headers byte by byte."""
    sockets = [monitor.socket() for _ in range(50)]
    for one in sockets:
        one.sendall(b"GET / HTTP/1.1\r\nHost: local")
    monitor.get("/healthcheck")

    def gone():
        for one in list(sockets):
            try:
                one.sendall(b"x")
            except OSError:
                one.close()
                sockets.remove(one)
        return not sockets
    eventually(gone, 45, every=1, what="the end of those who never finish their headers")


def test_scripts_in_names_and_arguments_are_shown_as_text(new_monitor, worker, new_queue, make_app, vhost):
    queue = new_queue()
    worker(queue, broker=vhost, options=["-E"], routes=["*"])
    monitor = new_monitor(broker=vhost)
    app = make_app(queue, broker=vhost)
    evil = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
    first = app.send_task("examples.echo", args=[evil], argsrepr=repr([evil]), queue=queue)
    second = app.send_task(evil, kwargs={"a": evil, "password": "hunter2"}, queue=queue)

    def seen():
        page = monitor.get("/tasks").text
        return page if first.id in page else None
    eventually(seen, 30, what="the task in the monitor")
    assert "&lt;script&gt;" in monitor.get(f"/tasks/{first.id}").text
    for path in ("/tasks", "/dead-letters", f"/dead-letters/{queue}.dead", f"/tasks/{first.id}", f"/tasks/{second.id}", f"/tasks?q={urllib.parse.quote(evil)}",
                 f"/tasks/{urllib.parse.quote(evil, safe='')}", f"/queues/{urllib.parse.quote(evil, safe='')}",
                 f"/workers/{urllib.parse.quote(evil, safe='')}", f"/{urllib.parse.quote(evil, safe='')}"):
        text = monitor.get(path, None).text
        assert "<script>alert" not in text and "<img src=x" not in text, path
        assert "hunter2" not in text, path


@pytest.mark.limit(120)
def test_a_result_of_100_mb_is_not_taken_in(new_monitor, worker, new_queue, make_app, vhost, redis):
    queue = new_queue()
    worker(queue, broker=vhost, options=["-E"])
    monitor = new_monitor(broker=vhost)
    result = make_app(queue, broker=vhost).send_task("examples.add", args=[1, 2], queue=queue)
    assert result.get(timeout=20) == 3
    eventually(lambda: result.id in monitor.get("/tasks").text, 30, what="the task in the monitor")
    key = f"celery-task-meta-{result.id}"
    redis.set(key, '{"status": "SUCCESS", "result": "' + "x" * 100_000_000 + '", "task_id": "%s"}' % result.id)
    try:
        begin = time.monotonic()
        page = monitor.get(f"/tasks/{result.id}")
        seconds = time.monotonic() - begin
        assert seconds < 5 and len(page.body) < 300_000, (seconds, len(page.body))
    finally:
        redis.delete(key)


# --- TLS --------------------------------------------------------------------------------------------------------------

def test_it_speaks_tls(new_monitor, tmp_path):
    certificate, key = make_certificate(tmp_path)
    monitor = new_monitor({"access": {"tls_certificate": certificate, "tls_key": key, "users": USERS}}, ca=certificate)
    assert monitor.url.startswith("https://127.0.0.1:")
    answer = monitor.client(basic=EVE).get("/audit")
    assert "max-age" in answer.headers["strict-transport-security"]
    _, answer = log_in_over_tls(monitor)
    assert "Secure" in answer.cookies[0]


def log_in_over_tls(monitor):
    browser = monitor.client()
    page = browser.get("/login")
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    return browser, browser.post("/login", {"name": EVE[0], "password": EVE[1], "csrf": token}, 303)


def make_certificate(folder):
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out",
                    str(certificate)], check=True, capture_output=True)
    return str(certificate), str(key)
