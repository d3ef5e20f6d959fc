import Connections
import Foundation
import HTTPTypes
import Hummingbird

/// What browsers keep for us: the token that forms carry against cross-site posts, and what the last action said.
struct Sessions: Sendable {
    let seal: Seal
    /// The prefix, as cookies' path.
    let path: String
    /// Cookies go over TLS only.
    let isSecure: Bool

    init(seal: Seal = Seal(secret: nil), urlPrefix: String = "", isSecure: Bool = false) {
        self.seal = seal
        path = urlPrefix.isEmpty ? "/" : urlPrefix
        self.isSecure = isSecure
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
        let notice = Notice(text: String(text.prefix(500)), isError: isError, until: WallClock.seconds + 60)
        let json = (try? JSONEncoder().encode(notice)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return cookie(Self.noticeName, seal.seal(json, for: "notice"), maxAge: 60)
    }

    func notice(_ request: Request) -> Notice? {
        guard let value = request.cookies[Self.noticeName]?.value, let json = seal.open(value, for: "notice"),
            let notice = try? JSONDecoder().decode(Notice.self, from: Data(json.utf8)),
            notice.until > WallClock.seconds
        else { return nil }
        return notice
    }

    /// Takes it from the browser, since it was shown.
    var noticeCookieEnd: String { cookie(Self.noticeName, "", maxAge: 0) }

    func cookie(_ name: String, _ value: String, maxAge: Int) -> String {
        "\(name)=\(value); Path=\(path); Max-Age=\(maxAge); HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
    }
}
