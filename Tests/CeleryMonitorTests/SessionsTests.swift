import Connections
import Foundation
import HTTPTypes
import Hummingbird
import Testing

@testable import CeleryMonitor

@Suite struct SessionsTests {
    private let eve = Identity(name: "eve", role: .viewer, method: .basic)
    private let now = WallClock.seconds

    private func sessions(_ key: String? = "k") -> Sessions {
        var settings = AccessSettings()
        settings.sessionKey = key
        return Sessions(settings)
    }

    private func request(_ cookie: String) -> Request {
        let pair = String(cookie.prefix { $0 != ";" })
        let head = HTTPRequest(
            method: .get,
            scheme: nil,
            authority: "localhost",
            path: "/",
            headerFields: [.cookie: pair]
        )
        return Request(head: head, body: .init(buffer: .init()))
    }

    @Test func aLoginIsKnownAgain() {
        let cookie = sessions().begin(eve)
        #expect(sessions().session(request(cookie))?.identity == eve)
        #expect(sessions("other").session(request(cookie)) == nil)
        #expect(Sessions().session(request(Sessions().begin(eve))) == nil, "without a key each process has its own")
    }

    @Test func aLoginEndsAfterItsTime() {
        let sessions = sessions()
        let request = request(sessions.begin(eve, at: now))
        #expect(sessions.session(request, at: now + 7100) != nil)
        #expect(sessions.session(request, at: now + 7300) == nil, "idle for two hours")
    }

    @Test func requestsKeepALoginAliveButNotForEver() throws {
        let sessions = sessions()
        var (request, time) = (request(sessions.begin(eve, at: now)), now)
        while let session = sessions.session(request, at: time) {
            time += 3600
            guard let cookie = sessions.renewal(session, at: time) else { break }
            request = self.request(cookie)
        }
        #expect(time - now == 12 * 3600)
    }

    @Test func aLoginThatWasEndedIsNotKnownAgain() throws {
        let sessions = sessions()
        let request = request(sessions.begin(eve))
        _ = sessions.end(try #require(sessions.session(request)))
        #expect(sessions.session(request) == nil)
    }

    @Test func formsAreForTheirPersonAndTheirTime() {
        let sessions = sessions()
        let time = Int64(now * 1e6)
        let token = sessions.csrf(eve, at: time)
        let day: Int64 = 86_400_000_000
        #expect(sessions.isCSRF(token, eve, at: time))
        #expect(sessions.isCSRF(token, eve, at: time + day / 2))
        #expect(!sessions.isCSRF(token, eve, at: time + day))
        #expect(!sessions.isCSRF(token, Identity(name: "bob", role: .viewer, method: .basic), at: time))
        #expect(!sessions.isCSRF(token, Identity(name: "eve", role: .viewer, method: .oidc), at: time))
        #expect(!sessions.isCSRF(token, nil, at: time))
        for wrong in ["", ".", "x.y", "99999999999999999999.x", "-1.x"] { #expect(!sessions.isCSRF(wrong, eve)) }
    }

    @Test func whatIsSealedForOneThingOpensNoOther() {
        let seal = Seal(secret: "k")
        let sealed = seal.seal("text", for: "a")
        #expect(seal.open(sealed, for: "a") == "text")
        #expect(seal.open(sealed, for: "b") == nil)
        #expect(seal.open(sealed + "A", for: "a") == nil)
        for wrong in ["", ".", "..", "a.b", "=.="] { #expect(seal.open(wrong, for: "a") == nil) }
    }
}
