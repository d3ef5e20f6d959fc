import Foundation
import Glibc
import Testing

@testable import Connections

/// Addresses where no PostgreSQL is.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct PostgresConnectTests {
    private func failure(_ url: PostgresURL, timeout: Duration = .milliseconds(300)) async throws -> PostgresError {
        try await PostgresUnderTest.pool(url) {
            $0.connectTimeout = timeout
        } _: { pool async throws in
            try await postgresError { _ = try await pool.query("SELECT 1") }
        }
    }

    @Test func nobodyListens() async throws {
        let error = try await failure(PostgresURL(host: "127.0.0.1", port: 1, user: "u"))
        #expect(error.kind == .connection && error.message.contains("Connection refused") && !error.mayHaveHappened)
        #expect(error.description.hasPrefix("PostgreSQL at 127.0.0.1:1: cannot connect: "))
    }

    @Test func aNameThatIsNone() async throws {
        let error = try await failure(PostgresURL(host: "no-such-host.invalid", user: "u"), timeout: .seconds(10))
        #expect(error.kind == .connection && error.message.contains("no-such-host.invalid"))
    }

    @Test func aSocketFolderThatIsNotThere() async throws {
        let error = try await failure(PostgresURL(host: "/nowhere", user: "u"))
        #expect(error.kind == .connection && error.message.contains("/nowhere/.s.PGSQL.5432"))
    }

    /// It takes connections (the system does) and never says a word.
    @Test func aListenerThatSaysNothing() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                #expect(bind(listener, address, size) == 0 && listen(listener, 8) == 0)
                #expect(getsockname(listener, address, &size) == 0)
            }
        }
        let port = Int(UInt16(bigEndian: address.sin_port))
        let error = try await failure(PostgresURL(host: "127.0.0.1", port: port, user: "u"))
        #expect(error.message == "cannot connect: no answer within 0.300 s" && error.kind == .connection)
    }
}
