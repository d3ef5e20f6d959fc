import CeleryProtocol
import Connections

/// Leases in Redis: one hash per attempt of a task, and one sorted set per queue by the time when they lapse.
///
/// The sorted set is only a hint where to look, since it may be on another node of a cluster; the hash decides.
struct LeaseStore: Sendable {
    /// A message as Redis keeps it.
    struct Message: Sendable, Hashable {
        /// Raw basic properties, without the lease's own header.
        var properties: [UInt8]
        var body: [UInt8]
    }

    enum Taking: Sendable, Hashable {
        case taken(fence: Int, starts: Int)
        case hasSucceeded
        /// Another worker has the task, or the attempt is over.
        case isDuplicate
        case tooManyStarts(Int)
    }

    enum Renewal: Sendable, Hashable {
        case renewed
        case lost
        /// Redis knows nothing of it.
        case unknown
    }

    enum Claim: Sendable, Hashable {
        /// Whoever has it publishes the message, with the fence.
        case claimed(fence: Int, starts: Int, Message, worker: String)
        case notLapsed(expiry: Int)
        case nothing
    }

    /// An entry of a queue's index: a lease to look at.
    struct Entry: Sendable, Hashable {
        var taskID: String
        var retries: Int
        /// Of the holder who noted it. Each has an entry of his own, so that whoever strikes the last one's off never
        /// strikes off that of the next, who may be there already.
        var fence: Int

        var text: String { "\(taskID).\(retries).\(fence)" }

        init(taskID: String, retries: Int, fence: Int) {
            self.taskID = taskID
            self.retries = retries
            self.fence = fence
        }

        init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count >= 3, let fence = Int(parts[parts.count - 1]), let retries = Int(parts[parts.count - 2])
            else { return nil }
            self.init(taskID: parts.dropLast(2).joined(separator: "."), retries: retries, fence: fence)
        }
    }

    let client: RedisClient
    let results: RedisResultCommands
    /// How long a lease holds without being renewed.
    let duration: Duration
    /// Tells the queues of several virtual hosts apart that share a Redis.
    let virtualHost: String
    /// How long it is remembered that an attempt is over, or back in the broker; its copies carry what else matters.
    static let remembered = 30 * 86_400

    private var milliseconds: Int { max(1, Int(duration.nanoseconds / 1_000_000)) }

    func key(_ id: String, _ retries: Int) -> String { Self.key(results.key(of: id), retries) }

    /// In braces is what decides on the slot of a cluster: the result's key.
    static func key(_ resultKey: String, _ retries: Int) -> String { "chard-lease-{\(resultKey)}.\(retries)" }

    func index(_ queue: String) -> String { "\(results.prefix)chard-leases-\(queue)@\(virtualHost)" }

    /// - Parameters:
    ///   - copy: The fence and the starts that a message brings which was published because of a lease.
    ///   - isRepeat: Whether the broker has delivered the message before.
    func take(
        _ hold: LeaseHold,
        _ message: Message,
        worker: String,
        copy: LeaseHeader?,
        mostStarts: Int,
        isRepeat: Bool
    ) async throws -> Taking {
        let reply = try await client.evaluate(
            LeaseScripts.take,
            keys: [results.key(of: hold.taskID), key(hold.taskID, hold.retries)],
            arguments: [
                hold.token, milliseconds, message.properties, message.body, worker, copy?.fence ?? -1,
                copy?.starts ?? 0, mostStarts, isRepeat ? 1 : 0, hold.retries,
            ]
        )
        let numbers = reply.array?.compactMap(\.integer) ?? []
        switch numbers.first {
        case 1 where numbers.count == 4:
            let entry = Entry(taskID: hold.taskID, retries: hold.retries, fence: numbers[1])
            try await postpone(entry, hold.queue, until: numbers[3])
            return .taken(fence: numbers[1], starts: numbers[2])
        case 0: return .hasSucceeded
        case -2 where numbers.count == 2: return .tooManyStarts(numbers[1])
        case -1 where numbers.count == 2:
            // The holder may have died before he could note the lease, and this copy is about to be dropped.
            let entry = Entry(taskID: hold.taskID, retries: hold.retries, fence: 0)
            try await postpone(entry, hold.queue, until: numbers[1])
            return .isDuplicate
        default: return .isDuplicate
        }
    }

    func renew(_ hold: LeaseHold) async throws -> Renewal {
        let reply = try await client.evaluate(
            LeaseScripts.renew,
            keys: [key(hold.taskID, hold.retries)],
            arguments: [hold.fence, milliseconds],
            timeout: duration
        )
        switch reply.integer {
        case -1: return .unknown
        case 0, nil: return .lost
        case .some(let expiry):
            try await list(hold, until: expiry)
            return .renewed
        }
    }

    /// Puts a lease back that Redis has lost; false when somebody else was first, or the task has succeeded.
    func restore(_ hold: LeaseHold, _ message: Message, worker: String) async throws -> Bool {
        let reply = try await client.evaluate(
            LeaseScripts.restore,
            keys: [results.key(of: hold.taskID), key(hold.taskID, hold.retries)],
            arguments: [hold.token, milliseconds, message.properties, message.body, worker, hold.fence, hold.starts]
        )
        guard let expiry = reply.integer, expiry > 0 else { return false }
        try await list(hold, until: expiry)
        return true
    }

    /// Notes in the queue's index when to look at the lease.
    private func list(_ hold: LeaseHold, until expiry: Int) async throws {
        try await postpone(Entry(hold), hold.queue, until: expiry)
    }

    /// Stores a state under the task's id; false when the lease is not the run's any more.
    func store(_ document: ResultDocument, _ hold: LeaseHold) async throws -> Bool {
        var stamp = DateStamp()
        let bytes = document.bytes(now: WallClock.microseconds, stamp: &stamp)
        let reply = try await client.evaluate(
            LeaseScripts.store,
            keys: [results.key(of: hold.taskID), key(hold.taskID, hold.retries)],
            arguments: [bytes, results.expiry ?? 0, hold.fence]
        )
        return reply.integer != -1
    }

    /// The attempt is over.
    func end(_ hold: LeaseHold, success: Bool) async throws {
        _ = try await client.evaluate(
            LeaseScripts.end,
            keys: [key(hold.taskID, hold.retries)],
            arguments: [hold.fence, Self.remembered, success ? 1 : 0]
        )
        try await unlist(Entry(hold), hold.queue)
    }

    // MARK: Moving

    /// Takes a lease away from its holder, who asks for it himself.
    ///
    /// - Parameter counts: Whether its start counts.
    func claim(_ hold: LeaseHold, counts: Bool) async throws -> Claim {
        try await claim(Entry(hold), fence: hold.fence, counts: counts)
    }

    /// Takes a lease away that has lapsed; of several who try, one gets it.
    func claimLapsed(_ entry: Entry) async throws -> Claim { try await claim(entry, fence: -1, counts: true) }

    private func claim(_ entry: Entry, fence: Int, counts: Bool) async throws -> Claim {
        let reply = try await client.evaluate(
            LeaseScripts.claim,
            keys: [key(entry.taskID, entry.retries)],
            arguments: [milliseconds, fence, counts ? 1 : 0]
        )
        let values = reply.array ?? []
        switch values.first?.integer {
        case 1 where values.count == 6:
            let message = Message(properties: values[3].bytes ?? [], body: values[4].bytes ?? [])
            let numbers = values.compactMap(\.integer)
            return .claimed(fence: numbers[1], starts: numbers[2], message, worker: values[5].text ?? "")
        case 0 where values.count == 2: return .notLapsed(expiry: values[1].integer ?? 0)
        default: return .nothing
        }
    }

    /// The message was published with that fence, and confirmed.
    func markQueued(_ entry: Entry, fence: Int, queue: String) async throws {
        _ = try await client.evaluate(
            LeaseScripts.queued,
            keys: [key(entry.taskID, entry.retries)],
            arguments: [fence, Self.remembered]
        )
        try await unlist(entry, queue)
    }

    /// Those of a queue's leases that may have lapsed.
    func due(_ queue: String, limit: Int = 100) async throws -> [Entry] {
        let reply = try await client.evaluate(LeaseScripts.due, keys: [index(queue)], arguments: [limit])
        let texts = reply.array?.compactMap(\.text) ?? []
        return texts.compactMap { Entry($0) }
    }

    /// Looks at a lease again later.
    ///
    /// - Parameter expiry: Milliseconds since 1970, by Redis' clock.
    func postpone(_ entry: Entry, _ queue: String, until expiry: Int) async throws {
        _ = try await client.send(RedisCommand("ZADD", key: index(queue), expiry, entry.text))
    }

    func unlist(_ entry: Entry, _ queue: String) async throws {
        _ = try await client.send(RedisCommand("ZREM", key: index(queue), entry.text))
    }
}
