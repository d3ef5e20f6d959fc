import AsyncHTTPClient
import CeleryWorker
import Foundation
import NIOCore
import NIOHTTP1

/// Fetches a URL for a task, piece by piece, within bounds; errors are Python's exceptions.
///
/// Memory stays at one piece, whatever the size. Redirects are followed to http and https only.
struct HTTPDownload: Sendable {
    /// The most bytes that are read.
    var maxBytes = 1 << 30
    /// For all of it, from the connection to the last byte.
    var timeout: Duration = .seconds(120)

    /// Lives as long as the process, so it is never shut down.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(30))
        // Bytes are handed on as they were sent.
        configuration.decompression = .disabled
        // Several tries would all end in the same way, but hide the reason until the time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Folds the body into `initial`; each piece is some bytes, in order.
    ///
    /// Throws an `ExceptionRecord` (ValueError, OSError or TimeoutError), or `CancellationError`.
    func reduce<Value: Sendable>(
        _ url: String,
        into initial: Value,
        _ add: @escaping @Sendable (inout Value, [UInt8]) -> Void
    ) async throws -> Value {
        let shown = try Self.checked(url)
        return try await withThrowingTaskGroup(of: Value.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await fetch(url, shown, initial, add) }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw ExceptionRecord.builtin("TimeoutError", "fetching \(shown): not done within \(timeout)")
            }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func fetch<Value>(
        _ url: String,
        _ shown: String,
        _ initial: Value,
        _ add: (inout Value, [UInt8]) -> Void
    ) async throws -> Value {
        var value = initial
        var size = 0
        do {
            let limit = TimeAmount.nanoseconds(Int64(timeout / .nanoseconds(1)))
            let response = try await Self.client.execute(HTTPClientRequest(url: url), timeout: limit)
            guard (200..<300).contains(response.status.code) else {
                throw ExceptionRecord.builtin("OSError", "fetching \(shown): HTTP \(response.status)")
            }
            for try await piece in response.body {
                size += piece.readableBytes
                guard size <= maxBytes else {
                    throw ExceptionRecord.valueError("fetching \(shown): more than the \(maxBytes) bytes allowed")
                }
                add(&value, Array(piece.readableBytesView))
            }
        } catch let error where !(error is ExceptionRecord) {
            try Task.checkCancellation()
            throw ExceptionRecord.builtin("OSError", "fetching \(shown): \(error)")
        }
        return value
    }

    /// The URL as it may be shown, without user, password and query.
    private static func checked(_ url: String) throws(ExceptionRecord) -> String {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(parts.scheme?.lowercased())
        else { throw .valueError("url must begin with http:// or https:// and name a host; files are not read") }
        var shown = URLComponents()
        shown.scheme = parts.scheme
        shown.host = host
        shown.port = parts.port
        shown.path = parts.path
        return shown.string ?? host
    }
}
