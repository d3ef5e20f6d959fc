import Foundation
import NIOCore

/// The dialogue of one connection: a command, its reply, the next command.
struct SMTPSession {
    /// A reply's bytes at most.
    private static let maxReply = 64 << 10

    let settings: EmailSettings
    private var replies: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received = ByteBuffer()
    /// What the server said it can, in capitals: `AUTH PLAIN LOGIN`.
    private var abilities: [String] = []

    init(
        settings: EmailSettings,
        replies: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.settings = settings
        self.replies = replies
        self.outbound = outbound
    }

    /// The greeting, and ours.
    mutating func begin() async throws {
        _ = try await reply(to: "connecting", expect: [220])
        try await hello()
    }

    mutating func hello() async throws {
        try await write("EHLO [127.0.0.1]")
        let lines = try await reply(to: "EHLO", expect: [250])
        abilities = lines.dropFirst().map { $0.uppercased() }
    }

    /// After it the connection is to be encrypted, and `hello` said again.
    mutating func startTLS() async throws {
        guard abilities.contains("STARTTLS") else {
            throw failure("it offers no STARTTLS; set monitor.alerts.email.security to what it has", isFinal: true)
        }
        try await write("STARTTLS")
        _ = try await reply(to: "STARTTLS", expect: [220])
        // What came with the reply came in clear, and could be anybody's (CVE-2011-0411).
        guard received.readableBytes == 0 else { throw failure("it sent more before the encryption", isFinal: true) }
        abilities = []
    }

    mutating func logIn() async throws {
        guard let user = settings.user else { return }
        let password = settings.password ?? ""
        let methods = abilities.first { $0.hasPrefix("AUTH ") }?.split(separator: " ").dropFirst() ?? []
        if methods.contains("PLAIN") {
            try await write("AUTH PLAIN \(Data("\0\(user)\0\(password)".utf8).base64EncodedString())")
        } else if methods.contains("LOGIN") {
            try await write("AUTH LOGIN")
            _ = try await reply(to: "AUTH", expect: [334])
            try await write(Data(user.utf8).base64EncodedString())
            _ = try await reply(to: "AUTH", expect: [334])
            try await write(Data(password.utf8).base64EncodedString())
        } else {
            throw failure("it offers neither AUTH PLAIN nor AUTH LOGIN", isFinal: true)
        }
        _ = try await reply(to: "AUTH", expect: [235])
    }

    mutating func deliver(_ message: String) async throws {
        try await write("MAIL FROM:<\(settings.from)>")
        _ = try await reply(to: "MAIL FROM", expect: [250])
        for address in settings.to {
            try await write("RCPT TO:<\(address)>")
            _ = try await reply(to: "RCPT TO", expect: [250, 251])
        }
        try await write("DATA")
        _ = try await reply(to: "DATA", expect: [354])
        // A line with a single dot would end the mail (RFC 5321 §4.5.2).
        let stuffed = message.components(separatedBy: "\r\n").map { $0.hasPrefix(".") ? ".\($0)" : $0 }
        try await write(stuffed.joined(separator: "\r\n") + "\r\n.")
        _ = try await reply(to: "the mail", expect: [250])
        // It has the mail, whatever becomes of the goodbye.
        try? await write("QUIT")
    }

    private func write(_ line: String) async throws { try await outbound.write(ByteBuffer(string: "\(line)\r\n")) }

    /// - Returns: The reply's lines without their codes.
    private mutating func reply(to what: String, expect: Set<Int>) async throws -> [String] {
        var lines: [String] = []
        var size = 0
        while true {
            let line = try await line()
            size += line.utf8.count
            guard size <= Self.maxReply else { throw failure("its reply is too long", isFinal: true) }
            guard let code = Int(line.prefix(3)), (200..<600).contains(code) else {
                throw failure("its reply to \(what) is not SMTP's", isFinal: true)
            }
            lines.append(String(line.dropFirst(4)))
            if line.dropFirst(3).first == "-" { continue }
            guard expect.contains(code) else {
                // The server's words may repeat what we sent, a password among it: only the code is told.
                throw failure("it refused \(what) with \(code)", isFinal: code >= 500)
            }
            return lines
        }
    }

    private mutating func line() async throws -> String {
        while true {
            let bytes = received.readableBytesView
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let length = bytes.distance(from: bytes.startIndex, to: end)
                let line = received.readString(length: length) ?? ""
                received.moveReaderIndex(forwardBy: 1)
                return line.last == "\r" ? String(line.dropLast()) : line
            }
            guard received.readableBytes <= Self.maxReply else { throw failure("its reply is too long", isFinal: true) }
            guard var more = try await replies.next() else { throw failure("it closed the connection") }
            received.writeBuffer(&more)
        }
    }

    private func failure(_ text: String, isFinal: Bool = false) -> AlertDeliveryError {
        AlertDeliveryError("\(settings.host):\(settings.port): \(text)", isFinal: isFinal)
    }
}
