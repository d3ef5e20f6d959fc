import Foundation
import HTTPTypes
import Hummingbird
import Testing

@testable import CeleryMonitor

@Suite struct AccessTests {
    @Test(arguments: [
        ("/tasks?x=1", "/tasks?x=1"), ("/", "/"), (nil, "/"), ("", "/"), ("//evil", "/"), ("/\\evil", "/"),
        ("https://evil", "/"), ("/a b", "/"), ("/a\r\nb", "/"), ("evil", "/"), ("/ü", "/"),
    ])
    func onlyOwnPathsAreLedTo(_ path: String?, _ expected: String) {
        #expect(OwnPath.safe(path, prefix: "") == expected)
        #expect(OwnPath.safe(path, prefix: "/chard") == "/chard\(expected)")
        #expect(OwnPath.safe("/chard\(expected)", prefix: "/chard") == "/chard\(expected)")
    }

    @Test(arguments: [
        ("a=1&b=x+y%20z&a=%C3%BC", [["a", "1"], ["b", "x y z"], ["a", "ü"]]), ("", []),
        ("&&=&x", [["", ""], ["x", ""]]),
        ("a=%", [["a", "%"]]), ("a=%zz%4", [["a", "%zz%4"]]), ("a=b=c", [["a", "b=c"]]), ("%61=%00", [["a", "\0"]]),
    ])
    func formsAreRead(_ text: String, _ fields: [[String]]) {
        #expect(FormFields.decode(text).map { [$0.key, $0.value] } == fields)
    }

    @Test func aFormHasSoManyFieldsAtMost() {
        let text = String(repeating: "a=1&", count: 100_000)
        #expect(FormFields.decode(text).count == FormFields.limit)
    }

    private func post(_ headers: HTTPFields) -> Request {
        let head = HTTPRequest(method: .post, scheme: nil, authority: "chard:5555", path: "/", headerFields: headers)
        return Request(head: head, body: .init(buffer: .init()))
    }

    @Test func strangersArePostedAway() {
        let crossSite = CrossSite(hosts: ["proxy.example"])
        #expect(crossSite.problem(post([:])) == nil)
        #expect(crossSite.problem(post([.origin: "http://chard:5555"])) == nil)
        #expect(crossSite.problem(post([.origin: "https://proxy.example"])) == nil)
        #expect(crossSite.problem(post([.secFetchSite: "same-origin", .origin: "https://behind.proxy"])) == nil)
        for origin in ["http://chard:5556", "http://evil", "null", "http://chard:5555.evil", ""] {
            #expect(crossSite.problem(post([.origin: origin])) != nil, "\(origin)")
        }
        for site in ["cross-site", "same-site", "other"] {
            #expect(crossSite.problem(post([.secFetchSite: site])) != nil, "\(site)")
        }
    }

    @Test func namesOfOthersAreRefused() {
        let crossSite = CrossSite(hosts: ["chard.example"])
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:5555", "[::1]:5555", "chard.example", "10.1.2.3"] {
            #expect(crossSite.problem(ofHost: host) == nil, "\(host)")
        }
        for host in ["evil", "evil.chard.example", "127.0.0.1.evil", "localhost.evil", "", nil] {
            #expect(crossSite.problem(ofHost: host) != nil, "\(host ?? "none")")
        }
    }

    @Test func passwordsAreKnownByTheirHash() throws {
        let text = try StoredPassword.hash("pass:wörd")
        let stored = try #require(StoredPassword(text))
        #expect(stored.matches("pass:wörd"))
        #expect(!stored.matches("pass:word"))
        #expect(StoredPassword("plain")?.matches("plain") == true)
        for wrong in ["scrypt:", "scrypt:3:8:1:AA:AA", "scrypt:99999999999999999999:8:1:AA:AA", "scrypt:2:8:1:AA:AA"] {
            #expect(StoredPassword(wrong) == nil, "\(wrong)")
        }
    }

    @Test func tokensAreKnownByTheirDigest() throws {
        let token = "a token of more than 20"
        let digest = TokenDigest(of: token)
        #expect(TokenDigest(setting: token) == digest)
        #expect(TokenDigest(setting: "short") == nil)
        #expect(TokenDigest(setting: "sha256:00") == nil)
        #expect(TokenDigest(of: "other") != digest)
    }

    @Test func rolesAreReadFromClaims() {
        let claims = Claims([
            "realm": .object(["roles": .array([.string("ops"), .number(1)])]), "scope": .string("a b"),
        ])
        var rule = RoleRule()
        rule.claim = "realm.roles"
        rule.operators = ["ops"]
        #expect(rule.role(claims) == .operator_)
        rule.claim = "scope"
        rule.operators = ["b"]
        #expect(rule.role(claims) == .operator_)
        rule.operators = ["a b"]
        #expect(rule.role(claims) == .viewer)
        rule.viewers = ["c"]
        #expect(rule.role(claims) == nil)
    }
}
