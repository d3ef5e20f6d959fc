import Connections

extension StateDocuments {
    /// So many commands go out in one write.
    static let part = 500
    /// So many such writes are under way at once.
    private static let width = 4

    /// Creates many in few round trips.
    ///
    /// - Returns: The names that existed already; all others were created. Where a name is given twice, the first one
    ///   is created and the second one existed.
    /// - Throws: The first error; then some may have been created.
    func createMany(
        _ documents: [(name: String, data: [UInt8])],
        ttl: Duration?
    ) async throws(StateError) -> [String] {
        let time = Self.milliseconds(ttl ?? self.ttl)
        let script = StateScripts.create
        return try await inParts(documents) { documents throws(StateError) in
            var calls: [ScriptCall] = []
            calls.reserveCapacity(documents.count)
            for (name, data) in documents {
                let key = try kind.key(name)
                let writer = StateEnvelope.newWriter()
                calls.append(ScriptCall(key: key, arguments: [try tail(data, writer, key), time, writer]))
            }
            let replies = try await evaluate(script, calls)
            var existing: [String] = []
            for ((document, call), value) in zip(zip(documents, calls), replies) {
                if case .done = try StateReply(value, key: call.key) { continue }
                existing.append(document.name)
            }
            return existing
        }
    }

    /// Reads many in few round trips.
    ///
    /// - Returns: Those that exist, in the order of `names`.
    func readMany(_ names: [String], extending: Bool) async throws(StateError) -> [StateDocument] {
        try await inParts(names) { names throws(StateError) in
            var keys: [String] = []
            for name in names { keys.append(try kind.key(name)) }
            let values = try await pipeline(keys.map { readCommand($0, extending) }, key: keys[0])
            var documents: [StateDocument] = []
            for ((name, key), value) in zip(zip(names, keys), values) {
                if let document = try document(name, key: key, value) { documents.append(document) }
            }
            return documents
        }
    }

    struct ScriptCall: Sendable {
        var key: String
        var arguments: [any RedisArgument]
    }

    /// Runs a script for each of many keys. It must be one whose second run does no harm: what was lost is sent again.
    private func evaluate(_ script: RedisScript, _ calls: [ScriptCall]) async throws(StateError) -> [RedisValue] {
        let commands = calls.map { RedisCommand(evaluate: script, keys: [$0.key], arguments: $0.arguments) }
        var values: [RedisValue]
        do throws(StateError) {
            values = try await pipeline(commands, key: calls[0].key)
        } catch  where error.isUncertain && !Task.isCancelled {
            values = try await pipeline(commands, key: calls[0].key)
        }
        // A server that does not know the script is given its source with the first call, and keeps it for the others.
        let unknown = values.indices.filter { values[$0].firstError?.code == RedisServerError.noScript }
        guard let first = unknown.first else { return values }
        let call = calls[first]
        let source = RedisCommand(evaluateSource: script, keys: [call.key], arguments: call.arguments)
        let again = try await pipeline([source] + unknown.dropFirst().map { commands[$0] }, key: call.key)
        for (index, value) in zip(unknown, again) { values[index] = value }
        return values
    }

    private func pipeline(_ commands: [RedisCommand], key: String) async throws(StateError) -> [RedisValue] {
        do throws(RedisError) {
            return try await client.pipeline(commands, timeout: options.timeout)
        } catch {
            throw StateError.from(error, key: key)
        }
    }

    /// Works through many items part by part, ``width`` parts at a time: while one is answered, others are written.
    ///
    /// After an error no new part is begun.
    private func inParts<Item: Sendable, Found: Sendable>(
        _ items: [Item],
        _ work: @escaping @Sendable (ArraySlice<Item>) async throws(StateError) -> [Found]
    ) async throws(StateError) -> [Found] {
        guard items.count > Self.part else { return items.isEmpty ? [] : try await work(items[...]) }
        let parts = stride(from: 0, to: items.count, by: Self.part).map { items[$0..<min(items.count, $0 + Self.part)] }
        let outcome = await withTaskGroup(of: (Int, Result<[Found], StateError>).self) { group in
            var found = [[Found]](repeating: [], count: parts.count)
            var failure: StateError?
            var next = 0
            func begin() {
                guard failure == nil, next < parts.count else { return }
                let index = next
                next += 1
                group.addTask { (index, await Self.outcome { () throws(StateError) in try await work(parts[index]) }) }
            }
            for _ in 0..<Self.width { begin() }
            for await (index, result) in group {
                switch result {
                case .success(let part): found[index] = part
                case .failure(let error): failure = failure ?? error
                }
                begin()
            }
            return failure.map { Result.failure($0) } ?? .success(found)
        }
        return try outcome.get().flatMap { $0 }
    }

    private static func outcome<Value: Sendable>(
        _ body: @Sendable () async throws(StateError) -> Value
    ) async -> Result<Value, StateError> {
        do throws(StateError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
