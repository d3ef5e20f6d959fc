import Connections
import Foundation
import JWTKit
import Logging

/// The public keys of somebody who signs tokens (JWKS, RFC 7517): fetched when first needed, again when they are an hour
/// old, and when a token names a key that is not among them, but then at most every half minute.
actor KeySet {
    private static let lifetime = 3600.0
    private static let pause = 30.0
    /// More keys than this are not tried for one token.
    static let maxKeys = 100

    private let url: String
    private let logger: Logger
    private var keys: [JWK] = []
    private var fetched = 0.0
    /// Of the last try, whatever came of it.
    private var tried = 0.0
    private var fetch: Task<[JWK], any Error>?

    init(url: String, logger: Logger) {
        self.url = url
        self.logger = logger
    }

    /// The keys of that id; without an id all of them. Old ones while the server does not answer.
    func keys(_ id: String?) async -> [JWK] {
        let now = WallClock.seconds
        let isMissing = keys.isEmpty || id.map { found($0).isEmpty } ?? false
        if isMissing || now - fetched > Self.lifetime, fetch != nil || now - tried > Self.pause { await refresh(now) }
        return id.map(found) ?? keys
    }

    private func found(_ id: String) -> [JWK] { keys.filter { $0.keyIdentifier?.string == id } }

    private func refresh(_ now: Double) async {
        tried = now
        let task = fetch ?? Task { [url] in try Self.parse(try await JSONFetch.get(url)) }
        fetch = task
        do {
            keys = try await task.value
            fetched = now
        } catch {
            logger.error("monitor: fetching the keys of tokens from \(url): \(error)")
        }
        fetch = nil
    }

    /// Keys of kinds that are not known are left out.
    private static func parse(_ object: [String: ClaimValue]) throws -> [JWK] {
        guard case .array(let items) = object["keys"] else { throw MonitorError("there is no list \"keys\"") }
        let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
        return items.prefix(maxKeys).compactMap { item in
            if case .object(let key) = item, key["use"] == .string("enc") { return nil }
            return try? decoder.decode(JWK.self, from: encoder.encode(item))
        }
    }
}

/// A JSON object from somebody's server.
enum JSONFetch {
    static func get(_ url: String) async throws -> [String: ClaimValue] {
        try await object(
            HTTPCall(method: "GET", url: url, headers: [], body: [], timeout: .seconds(5), maxBytes: 1 << 20)
        )
    }

    static func object(_ call: HTTPCall) async throws -> [String: ClaimValue] {
        var call = call
        call.headers += [("accept", "application/json"), ("user-agent", "chard")]
        let answer = try await call.send()
        guard answer.status == 200 else { throw MonitorError("it answers \(answer.status) \(answer.reason)") }
        return try JSONDecoder().decode([String: ClaimValue].self, from: Data(answer.body))
    }
}
