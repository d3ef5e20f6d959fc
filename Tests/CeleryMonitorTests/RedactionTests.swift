import CeleryProtocol
import Foundation
import OrderedCollections
import Testing

@testable import CeleryMonitor

@Suite struct RedactionTests {
    private let usual = Redaction(MonitorSettings.usualSecrets)

    @Test(arguments: [
        ("{'user': 'bob', 'password': 'hunter2'}", "{'user': 'bob', 'password': '***'}"),
        (#"{"user": "bob", "password": "hun\"ter2", "n": 1}"#, #"{"user": "bob", "password": "***", "n": 1}"#),
        (#"{'password': 'ends with backslash\\', 'n': 'seen'}"#, #"{'password': '***', 'n': 'seen'}"#),
        ("{'password': \"it's\", 'n': 1}", "{'password': \"***\", 'n': 1}"),
        ("{'password': b'raw', 'n': 1}", "{'password': '***', 'n': 1}"),
        ("{'pin': 1, 'cvv': 123, 'n': 1}", "{'pin': 1, 'cvv': '***', 'n': 1}"),
        (
            "{'apiKey': 'x', 'X-Api-Key': 'y', 'privateKey': ['a', {'b': '}'}], 'n': 1}",
            "{'apiKey': '***', 'X-Api-Key': '***', 'privateKey': '***', 'n': 1}"
        ),
        ("({'a': {'b': [{'client_secret': 'x'}]}},)", "({'a': {'b': [{'client_secret': '***'}]}},)"),
        (#"{'body': '{"password": "x y", "n": 1}'}"#, #"{'body': '{"password": "***", "n": 1}'}"#),
        (#""{\"password\": \"x \\\" y\", \"n\": 1}""#, #""{\"password\": \"***\", \"n\": 1}""#),
        ("{'password': 'hunt...", "{'password': '***'"),
        ("{'credentials': {'user': 'bob', ...", "{'credentials': '***'"),
        ("login(user='bob', password='x', n=1)", "login(user='bob', password='***', n=1)"),
        ("Login(password=SecretStr('x y'), n=1)", "Login(password=***, n=1)"),
        ("?user=bob&token=abc&n=1", "?user=bob&token=***&n=1"),
        ("Authorization: Bearer abc.def.ghi\nHost: x", "Authorization: ***\nHost: x"),
        ("authorization=Bearer abc.def n=1", "authorization=*** n=1"),
        ("[('Authorization', 'Basic abc'), ('n', 1)]", "[('Authorization', '***'), ('n', 1)]"),
        ("['mysql', '--password', 'x', '-v']", "['mysql', '--password', '***', '-v']"),
        ("mysql --password x -v", "mysql --password *** -v"),
        ("amqp://bob:hunter2@host:5672/v", "amqp://bob:***@host:5672/v"),
        ("see https://example.org:8080/a@b", "see https://example.org:8080/a@b"),
        ("    password = \"\"\"a\n\"b\" c\"\"\"\n    n = 1", "    password = \"***\"\n    n = 1"),
        ("{\n  \"password\":\n    \"x\"\n}", "{\n  \"password\":\n    \"***\"\n}"),
        ("{'password': <Secret 'a' b>, 'n': 1}", "{'password': '***', 'n': 1}"),
    ])
    func valuesOfSecretNamesAreTakenOut(_ text: String, _ shown: String) {
        #expect(usual.text(text) == shown)
        #expect(usual.text(shown) == shown, "it changes nothing the second time")
    }

    @Test(arguments: [
        "KeyError: 'password'", "{'max_tokens': 100, 'class_name': 'A', 'processname': 'b', 'tokenizer': 'x'}",
        "('bob', 42, None)", "", "'", "\\", "{'a': '", "the password was wrong", "ünïcode = 'ok'",
    ])
    func otherTextsStayAsTheyAre(_ text: String) {
        #expect(usual.text(text) == text)
    }

    @Test func withoutPatternsNothingIsTakenOut() {
        #expect(Redaction([]).text("{'password': 'x'}") == "{'password': 'x'}")
    }

    @Test func ownPatternsAreObeyed() {
        #expect(
            Redaction(["iban", "*_note"]).text("f(iban=DE1, my_note='x', note='y')")
                == "f(iban=***, my_note='***', note='y')"
        )
    }

    @Test func valuesAreTakenOutOfMapsAndOfTextsInThem() {
        let value: CeleryValue = ["args": ["x", ["password": ["deep": 1], "n": 1]], "text": "token=abc"]
        #expect(usual.value(value) == ["args": ["x", ["password": "***", "n": 1]], "text": "token=***"])
    }

    /// Each of these would take hours in quadratic time.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "'", "\\", "\"password\": ", "password=", "{'token': {", "'a", "password:", "(", "--", "://", "a:", "\\'x",
            "password=(", "token='", "b'", "password", "aA", "=", "'password', ", "://:@",
        ]
    )
    func hostileTextsTakeLinearTime(_ piece: String) {
        let text = String(repeating: piece, count: 200_000 / piece.utf8.count)
        #expect(usual.text(text).utf8.count < 2_000_000)
    }
}
