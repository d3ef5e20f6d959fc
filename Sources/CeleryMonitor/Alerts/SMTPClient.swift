import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Hands a mail to a server (RFC 5321), encrypted (RFC 3207) and with a login (RFC 4954) where the settings say so.
///
/// One connection for each mail. What the settings ask for is insisted on: a server that offers no STARTTLS is not used in
/// clear instead.
struct SMTPClient: Sendable {
    /// For the whole of it.
    private static let timeout = Duration.seconds(30)

    private let settings: EmailSettings

    init(_ settings: EmailSettings) { self.settings = settings }

    /// - Parameter message: Header and body with CRLF at the ends of lines.
    /// - Throws: `AlertDeliveryError`.
    func send(_ message: String) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await connect(message) }
                group.addTask {
                    try await Task.sleep(for: Self.timeout)
                    throw AlertDeliveryError("\(place): no answer within \(Self.timeout.inSeconds) s")
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch let error as AlertDeliveryError {
            throw error
        } catch let error as NIOSSLError {
            throw AlertDeliveryError("\(place): its TLS can't be trusted or fails: \(error)")
        } catch {
            throw AlertDeliveryError("\(place): the connection can't be made or broke: \(type(of: error))")
        }
    }

    private var place: String { "\(settings.host):\(settings.port)" }

    private func connect(_ message: String) async throws {
        let tls = settings.security == .none ? nil : try tlsContext()
        let host = settings.host
        let isEncrypted = settings.security == .tls
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(10))
            .connect(host: host, port: settings.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isEncrypted, let tls {
                        try channel.pipeline.syncOperations.addHandler(Self.handler(tls, host))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            var session = SMTPSession(settings: settings, replies: inbound.makeAsyncIterator(), outbound: outbound)
            try await session.begin()
            if settings.security == .starttls, let tls {
                try await session.startTLS()
                try await channel.channel.eventLoop.submit {
                    let handler = try Self.handler(tls, host)
                    try channel.channel.pipeline.syncOperations.addHandler(handler, position: .first)
                }.get()
                try await session.hello()
            }
            try await session.logIn()
            try await session.deliver(message)
        }
    }

    private func tlsContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let ca = settings.ca { configuration.trustRoots = .file(ca) }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw AlertDeliveryError("the certificates of monitor.alerts.email.ca can't be read", isFinal: true)
        }
    }

    private static func handler(_ context: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}
