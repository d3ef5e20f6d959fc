import CeleryProtocol
import Connections

/// What is revoked, as Redis keeps it for all workers: two sorted sets whose scores are the times when their members
/// expire, in seconds since 1970, and a Pub/Sub channel that tells what comes new.
///
/// `chard-revoked` holds ids, `chard-revoked-stamps` holds `["header", value]` as JSON; both with the global prefix.
struct RevocationStore: Sendable {
    let results: RedisResults
    private let limit: Int
    private let lifetime: Double
    private let idsKey: String
    private let stampsKey: String

    /// - Parameters:
    ///   - limit: How many ids are kept at most; the oldest go first.
    ///   - lifetime: Seconds.
    init(_ results: RedisResults, limit: Int, lifetime: Double) {
        self.results = results
        self.limit = limit
        self.lifetime = lifetime
        idsKey = Self.idsKey(results)
        stampsKey = idsKey + "-stamps"
    }

    static func idsKey(_ results: RedisResults) -> String { results.commands.globalPrefix + "chard-revoked" }

    func save(ids: [String], now: Double) async throws {
        try await save(
            ids,
            in: idsKey,
            now: now,
            news: ["ids": .array(ids.map(CeleryValue.string)), "time": .double(now)]
        )
    }

    func save(stamps: [RevokedStamps.Stamp], now: Double) async throws {
        let pairs = stamps.map { CeleryValue.array([.string($0.header), $0.value]) }
        let members = pairs.map { String(decoding: JSONWriter.bytes($0), as: UTF8.self) }
        try await save(members, in: stampsKey, now: now, news: ["stamps": .array(pairs)])
    }

    /// All in one transaction: add, drop what is too old or too much, and tell.
    private func save(_ members: [String], in key: String, now: Double, news: CeleryValue) async throws {
        var added: [any RedisArgument] = []
        for member in members { added += [String(now + lifetime), member] as [any RedisArgument] }
        let replies = try await results.client.transaction([
            RedisCommand("ZADD", key: key, arguments: added),
            RedisCommand("ZREMRANGEBYSCORE", key: key, "-inf", String(now)),
            RedisCommand("ZREMRANGEBYRANK", key: key, 0, -1 - limit),
            RedisCommand("EXPIRE", key: key, Int(lifetime.rounded(.up)) + 1),
            RedisCommand("PUBLISH", key: idsKey, JSONWriter.bytes(news)),
        ])
        if let error = replies.lazy.compactMap(\.firstError).first { throw RedisError.server(error) }
    }

    /// What is revoked now, oldest first.
    func load(now: Double) async throws -> (ids: [RevokedIDs.Entry], stamps: [RevokedStamps.Stamp]) {
        let replies = try await results.client.pipeline([
            RedisCommand("ZRANGEBYSCORE", key: idsKey, String(now), "+inf", "WITHSCORES"),
            RedisCommand("ZRANGEBYSCORE", key: stampsKey, String(now), "+inf"),
        ])
        if let error = replies.lazy.compactMap(\.firstError).first { throw RedisError.server(error) }
        let flat = replies.first?.array ?? []
        let ids = stride(from: 0, to: flat.count - 1, by: 2).compactMap { index -> RevokedIDs.Entry? in
            guard let id = flat[index].text, let score = flat[index + 1].text.flatMap(Double.init) else { return nil }
            return RevokedIDs.Entry(id: id, time: score - lifetime)
        }
        let stamps = (replies.last?.array ?? []).compactMap { member -> RevokedStamps.Stamp? in
            member.bytes.flatMap { try? JSONParser.parse($0) }.flatMap(Self.stamp)
        }
        return (ids, stamps)
    }

    func subscribe() async throws -> RedisSubscription {
        try await results.listener().subscribe(idsKey, buffering: 10_000)
    }

    /// What a message on the channel says; nothing when it makes no sense.
    static func news(_ bytes: [UInt8]) -> (ids: [RevokedIDs.Entry], stamps: [RevokedStamps.Stamp]) {
        guard let news = try? JSONParser.parse(bytes) else { return ([], []) }
        let time = news["time"]?.doubleValue ?? WallClock.seconds
        let ids = (news["ids"]?.arrayValue ?? []).compactMap(\.stringValue)
        let stamps = (news["stamps"]?.arrayValue ?? []).compactMap(stamp)
        return (ids.map { RevokedIDs.Entry(id: $0, time: time) }, stamps)
    }

    private static func stamp(_ pair: CeleryValue) -> RevokedStamps.Stamp? {
        guard case .array(let pair) = pair, pair.count == 2, case .string(let header) = pair[0] else { return nil }
        return RevokedStamps.Stamp(header: header, value: pair[1])
    }
}

extension RedisResultCommands {
    /// What stands before every key: `global_keyprefix`, separated.
    var globalPrefix: String { String(key(of: "").dropLast(Self.taskPrefix.count)) }
}
