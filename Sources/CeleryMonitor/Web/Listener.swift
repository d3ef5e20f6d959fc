import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTPTypes
import NIOSSL

/// How connections are taken: the address, TLS, and the bounds of what a client may take up.
struct Listener: Sendable {
    private let settings: MonitorSettings

    /// - Throws: `MonitorError` when everybody could reach it and nobody has to log in, or the certificate can't be used.
    init(_ settings: MonitorSettings, logger: Logger) throws {
        self.settings = settings
        let access = settings.access
        guard !access.isConfigured else { return }
        let everybody = "anybody who reaches \(settings.address) may look at everything and change it"
        if access.isOpen {
            logger.warning("monitor: it is open: \(everybody); configure monitor.access to ask who comes")
        } else if !HostName.isLoopback(settings.address) {
            throw MonitorError(
                "starting the monitor: \(everybody); configure users, tokens, jwt or oidc in monitor.access, listen at "
                    + "127.0.0.1, or say monitor.access.open: true"
            )
        }
    }

    func url(_ port: Int) -> String {
        let scheme = settings.access.tls == nil ? "http" : "https"
        let host = settings.address.contains(":") ? "[\(settings.address)]" : settings.address
        return "\(scheme)://\(host):\(port)\(settings.urlPrefix)/"
    }

    /// Headers of 32 KiB; 15 seconds without a part of a request; 2,000 connections.
    func server() throws -> HTTPServerBuilder {
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [SlowReaders()],
                idleTimeout: .seconds(15),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 << 10,
                    maxHeaderListSize: 32 << 10,
                    maxHeaderFieldCount: 100
                )
            )
        )
        guard let tls = settings.access.tls else { return http }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(tls.certificate).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = try NIOSSLPrivateKey(file: tls.key, format: .pem)
            return try .tls(
                http,
                tlsConfiguration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
            )
        } catch {
            throw MonitorError("reading \(tls.certificate) and \(tls.key): \(error); both must be PEM")
        }
    }

    func configuration(logger: Logger) -> ApplicationConfiguration {
        ApplicationConfiguration(
            address: .hostname(settings.address, port: settings.port),
            availableConnectionsDelegate: .maximum(2000, logger: logger)
        )
    }

    /// One line for a person, when the address can't be had.
    static func problem(_ error: any Error, _ settings: MonitorSettings) -> any Error {
        guard let error = error as? IOError else { return error }
        let place = "\(settings.address):\(settings.port)"
        switch error.errnoCode {
        case EADDRINUSE:
            return MonitorError("listening at \(place): port \(settings.port) is in use; end its user or choose --port")
        case EACCES: return MonitorError("listening at \(place): not allowed; choose a --port above 1023")
        case EADDRNOTAVAIL: return MonitorError("listening at \(place): no such address on this machine")
        default: return MonitorError("listening at \(place): \(String(cString: strerror(error.errnoCode)))")
        }
    }
}
