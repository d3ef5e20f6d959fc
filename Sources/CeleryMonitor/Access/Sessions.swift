import CeleryWorker
import Connections
import Foundation
import HTTPTypes
import Hummingbird
import Synchronization

/// What browsers keep for us, signed: their login, the token that forms carry against cross-site posts, and what the last
/// action said. Several monitors with the same key know each other's.
struct Sessions: Sendable {
    let seal: Seal
    /// The prefix, as cookies' path.
    let path: String
    private let settings: AccessSettings
    private let ended = EndedSessions()

    init(_ settings: AccessSettings = AccessSettings(), urlPrefix: String = "") {
        self.settings = settings
        seal = Seal(secret: settings.sessionKey)
        path = urlPrefix.isEmpty ? "/" : urlPrefix
    }

    // MARK: Logins

    private static let sessionName = "chard_session"

    /// The cookie of a new login.
    func begin(_ identity: Identity, at now: Double = WallClock.seconds) -> String {
        let id = Base64URL.encode(Data((0..<16).map { _ in UInt8.random(in: 0...255) }))
        return sessionCookie(
            Session(
                id: id,
                name: identity.name,
                role: identity.role.rawValue,
                method: identity.method.rawValue,
                issued: now,
                seen: now
            ),
            at: now
        )
    }

    func session(_ request: Request, at now: Double = WallClock.seconds) -> Session? {
        guard let session: Session = read(request, Self.sessionName), isAlive(session, at: now) else { return nil }
        return session
    }

    func isAlive(_ session: Session, at now: Double = WallClock.seconds) -> Bool {
        now < until(session) && session.issued < now + 60 && !ended.contains(session.id)
    }

    private func until(_ session: Session) -> Double {
        min(session.issued + settings.sessionLifetime.secondsValue, session.seen + settings.sessionIdle.secondsValue)
    }

    /// The cookie that says it is still in use; nil: that was said a moment ago.
    func renewal(_ session: Session, at now: Double = WallClock.seconds) -> String? {
        guard now - session.seen > min(60, settings.sessionIdle.secondsValue / 10) else { return nil }
        var session = session
        session.seen = now
        return sessionCookie(session, at: now)
    }

    /// The cookie that takes the login away; what was copied from the old one does not count here any more.
    func end(_ session: Session) -> String {
        ended.add(session.id, until: session.issued + settings.sessionLifetime.secondsValue)
        return cookie(Self.sessionName, "", maxAge: 0)
    }

    private func sessionCookie(_ session: Session, at now: Double) -> String {
        let seconds = session.issued + settings.sessionLifetime.secondsValue - now
        return write(session, Self.sessionName, maxAge: max(1, Int(seconds.rounded(.up))))
    }

    // MARK: Forms

    /// How long a page's forms can be posted at least; at most twice that.
    private static let formHours: Int64 = 12

    /// The token of forms for whoever asks. It is the same for hours, so that a live page is sent only when it changes.
    func csrf(_ context: WebContext) -> String { csrf(context.identity, at: WallClock.microseconds) }

    func csrf(_ identity: Identity?, at microseconds: Int64) -> String {
        let span = microseconds / (Self.formHours * 3_600_000_000)
        return "\(span).\(seal.code(Self.bound(identity, span), for: "csrf"))"
    }

    /// Whether the token was made for this identity, and lately.
    func isCSRF(_ token: String, _ identity: Identity?, at microseconds: Int64 = WallClock.microseconds) -> Bool {
        let parts = token.split(separator: ".", maxSplits: 1)
        let now = microseconds / (Self.formHours * 3_600_000_000)
        guard parts.count == 2, let span = Int64(parts[0]), span == now || span == now - 1 else { return false }
        return seal.isCode(String(parts[1]), of: Self.bound(identity, span), for: "csrf")
    }

    private static func bound(_ identity: Identity?, _ span: Int64) -> String {
        "\(span)\0\(identity?.method.rawValue ?? "")\0\(identity?.name ?? "")"
    }

    // MARK: What the last action said

    /// One line above the next page.
    struct Notice: Codable, Sendable, Hashable {
        var text: String
        var isError: Bool
        /// Seconds since 1970; it is shown for a minute.
        var until: Double
    }

    private static let noticeName = "chard_notice"

    /// A cookie rather than a part of the address: no link can make us say something.
    func noticeCookie(_ text: String, isError: Bool) -> String {
        write(
            Notice(text: String(text.prefix(500)), isError: isError, until: WallClock.seconds + 60),
            Self.noticeName,
            maxAge: 60
        )
    }

    func notice(_ request: Request) -> Notice? {
        guard let notice: Notice = read(request, Self.noticeName), notice.until > WallClock.seconds else { return nil }
        return notice
    }

    /// Takes it from the browser, since it was shown.
    var noticeCookieEnd: String { cookie(Self.noticeName, "", maxAge: 0) }

    // MARK: Cookies

    /// A cookie with a signed value; the name is its purpose.
    func write(_ value: some Encodable, _ name: String, maxAge: Int) -> String {
        // Plain structs of texts and numbers can always be encoded.
        let json = (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return cookie(name, seal.seal(json, for: name), maxAge: maxAge)
    }

    func read<Value: Decodable>(_ request: Request, _ name: String) -> Value? {
        guard let text = request.cookies[name]?.value, text.utf8.count <= 8192, let json = seal.open(text, for: name)
        else { return nil }
        return try? JSONDecoder().decode(Value.self, from: Data(json.utf8))
    }

    func cookie(_ name: String, _ value: String, maxAge: Int) -> String {
        "\(name)=\(value); Path=\(path); Max-Age=\(maxAge); HttpOnly; SameSite=Lax\(settings.isSecure ? "; Secure" : "")"
    }
}

/// Logins that were ended before their time, so that a copy of their cookie opens nothing.
private final class EndedSessions: Sendable {
    private let ids = Mutex<[String: Double]>([:])

    func contains(_ id: String) -> Bool { ids.withLock { $0[id] != nil } }

    func add(_ id: String, until: Double) {
        ids.withLock { ids in
            if ids.count >= 10_000 { ids = ids.filter { $1 > WallClock.seconds } }
            ids[id] = until
        }
    }
}
