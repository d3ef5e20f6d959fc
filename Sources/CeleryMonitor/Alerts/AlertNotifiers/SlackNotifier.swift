import CeleryProtocol
import OrderedCollections

/// Posts to Slack's incoming webhook (https://api.slack.com/messaging/webhooks).
struct SlackNotifier: AlertNotifier {
    let settings: AlertSettings.Webhook

    var name: String { "slack" }
    var destination: String { HTTPPost.host(settings.url) }

    func send(_ notice: AlertNotice) async throws {
        try await HTTPPost.json(JSONWriter.bytes(.map(Self.message(notice))), to: settings.url)
    }

    /// Slack shows `text` in notifications. A block takes 3000 characters.
    static func message(_ notice: AlertNotice) -> CeleryMap {
        let text = notice.lines.map(escape).joined(separator: "\n")
        return [
            "text": .string(escape(notice.title)),
            "blocks": [
                ["type": "header", "text": ["type": "plain_text", "text": .string(String(notice.title.prefix(150)))]],
                ["type": "section", "text": ["type": "mrkdwn", "text": .string(cut(text))]],
            ],
        ]
    }

    /// Slack reads `<!channel>` and links out of angle brackets; names of queues are strangers'.
    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func cut(_ text: String) -> String {
        text.unicodeScalars.count > 2900
            ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(2900))) + "…" : text
    }
}
