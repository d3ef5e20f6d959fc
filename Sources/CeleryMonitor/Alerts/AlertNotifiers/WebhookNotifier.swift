import CeleryProtocol
import Crypto
import Foundation
import OrderedCollections

/// Posts alerts as JSON:
///
/// ```json
/// {"version": 1, "time": 1764000000.0, "title": "Chard: …", "link": "https://chard.example/alerts", "test": false,
///  "firing": [{"rule": "no-consumer", "subject": "orders", "severity": "critical", "text": "…", "advice": "…",
///              "since": 1764000000.0, "is_acknowledged": false}],
///  "resolved": [{"rule": "…", "subject": "…", "severity": "…", "text": "…", "fired": 1.0, "resolved": 2.0}],
///  "more": 0}
/// ```
///
/// With a secret, `X-Chard-Signature` is `sha256=` and the HMAC-SHA256 of the body in hexadecimal digits.
struct WebhookNotifier: AlertNotifier {
    let settings: AlertSettings.Webhook

    var name: String { "webhook" }
    var destination: String { HTTPPost.host(settings.url) }

    func send(_ notice: AlertNotice) async throws {
        let body = JSONWriter.bytes(.map(Self.map(notice)))
        var headers: [(String, String)] = []
        if let secret = settings.secret {
            headers.append(("X-Chard-Signature", "sha256=\(Self.signature(body, secret))"))
        }
        try await HTTPPost.json(body, to: settings.url, headers: headers)
    }

    static func signature(_ body: [UInt8], _ secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Data(secret.utf8)))
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func map(_ notice: AlertNotice) -> CeleryMap {
        let limit = AlertNotice.maxListed
        return [
            "version": 1, "time": .double(notice.time), "title": .string(notice.title),
            "link": CeleryValue(notice.link), "test": .bool(notice.isTest),
            "firing": .array(notice.fired.prefix(limit).map { .map($0.map) }),
            "resolved": .array(notice.resolved.prefix(limit).map { .map($0.map) }), "more": .int(notice.more),
        ]
    }
}

extension PastAlert {
    var map: CeleryMap {
        [
            "rule": .string(rule), "subject": .string(subject), "severity": .string("\(severity)"),
            "text": .string(text), "fired": .double(fired), "resolved": .double(resolved),
        ]
    }
}
