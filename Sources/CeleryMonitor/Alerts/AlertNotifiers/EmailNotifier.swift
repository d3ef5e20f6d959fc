import Foundation

/// Writes an e-mail to all addresses.
struct EmailNotifier: AlertNotifier {
    let settings: EmailSettings

    var name: String { "email" }
    var destination: String { "\(settings.to.joined(separator: ", ")) through \(settings.host):\(settings.port)" }

    func send(_ notice: AlertNotice) async throws {
        try await SMTPClient(settings).send(Self.message(notice, settings))
    }

    /// The mail's header and body (RFC 5322), lines ended by CRLF. Texts of strangers can't begin a header: the subject is
    /// encoded where it is not plain (RFC 2047), and the body is base 64.
    static func message(_ notice: AlertNotice, _ settings: EmailSettings) -> String {
        let domain = settings.from.split(separator: "@").last.map(String.init) ?? "chard"
        let body = Data((notice.lines.joined(separator: "\n") + "\n").utf8).base64EncodedString()
        let headers = [
            "From: Chard <\(settings.from)>", "To: \(settings.to.joined(separator: ", "))",
            "Subject: \(subject(notice.title))", "Date: \(date(notice.time))",
            "Message-ID: <\(UUID().uuidString)@\(domain)>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
            "Auto-Submitted: auto-generated",
        ]
        return (headers + [""] + lines(of: body, 76)).joined(separator: "\r\n") + "\r\n"
    }

    private static func subject(_ text: String) -> String {
        let short = Format.short(text, 120)
        // A line that looks like an encoded word is encoded too.
        let isPlain =
            short.unicodeScalars.allSatisfy { (32...126).contains($0.value) } && !short.contains("=?")
            && short.utf8.count < 70
        guard !isPlain else { return short }
        var words: [String] = []
        var word = ""
        // An encoded word has 75 characters at most, and holds whole characters.
        for character in short.unicodeScalars {
            if word.utf8.count + 4 > 42 {
                words.append(word)
                word = ""
            }
            word.unicodeScalars.append(character)
        }
        words.append(word)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static func date(_ time: Double) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return formatter.string(from: Date(timeIntervalSince1970: min(max(0, time), 4e9)))
    }

    private static func lines(of text: String, _ width: Int) -> [String] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: width).map { start in
            String(decoding: bytes[start..<min(start + width, bytes.count)], as: UTF8.self)
        }
    }
}
