import CeleryProtocol
import Connections
import Logging
import OrderedCollections

/// `revoke_by_stamped_headers`: workers will not run tasks with one of the stamps; with `terminate` also stops those
/// that run.
struct RevokeByStampedHeaders: ControlCommand {
    static let names = ["revoke_by_stamped_headers"]

    /// Stamps by their name, or a list of `name=stamp`.
    var headers: CeleryValue
    var terminate: CeleryValue?
    var signal: CeleryValue?

    private enum CodingKeys: String, CodingKey {
        case headers, terminate, signal
    }

    func run(on core: WorkerCore) throws -> CeleryValue? {
        guard let revoke = core.controls.revokeStamps else { return .unavailable("revoke_by_stamped_headers") }
        let signal = try SignalName.normalized(signal)
        let given = try Self.map(headers)
        let wanted = given.mapValues(\.asList)
        try revoke(core, Dictionary(wanted.map { ($0.key, $0.value) }) { $1 })
        let text = PythonRepr.full(.map(given))
        guard terminate?.isTrue == true else {
            return .ok("headers \(text) flagged as revoked, but not terminated")
        }
        let found = try core.terminate(stamped: wanted.map { ($0.key, $0.value) }, signal)
        guard !found.isEmpty else { return .ok("headers \(text) were not terminated") }
        let items = found.map { "\(PythonRepr.full(.string($0.key))): \(PythonSet.repr($0.stamps))" }
        return .ok("headers defaultdict(<class 'set'>, {\(items.joined(separator: ", "))}) revoked")
    }

    /// Celery splits `name=stamp` at each `=` and takes the first two parts.
    private static func map(_ headers: CeleryValue) throws(ExceptionRecord) -> CeleryMap {
        switch headers {
        case .map(let map): return map
        case .array(let texts):
            var map: CeleryMap = [:]
            for text in texts {
                let parts = (text.stringValue ?? "").split(separator: "=", omittingEmptySubsequences: false)
                guard parts.count > 1 else { throw .builtin("IndexError", "list index out of range") }
                map[String(parts[0])] = .string(String(parts[1]))
            }
            return map
        default:
            throw .builtin("AttributeError", "'\(headers.pythonTypeName)' object has no attribute 'items'")
        }
    }
}

extension WorkerCore {
    /// Stops the running tasks that carry one of the stamps; returns which stamps were found.
    fileprivate func terminate(
        stamped wanted: [(key: String, stamps: [CeleryValue])],
        _ signal: String
    ) throws -> [(key: String, stamps: [CeleryValue])] {
        var found = wanted.map { (key: $0.key, stamps: [CeleryValue]()) }
        for run in running.all {
            let stamps = run.message.stamps
            guard !stamps.isEmpty else { continue }
            for (index, header) in wanted.enumerated() {
                let matching = (stamps[header.key]?.asList ?? []).filter(header.stamps.contains)
                guard !matching.isEmpty else { continue }
                found[index].stamps += matching
                logger.info("Terminating \(run.message.id) (\(signal))")
                try controls.terminate?(self, (run, signal))
            }
        }
        return found.filter { !$0.stamps.isEmpty }.map { ($0.key, $0.stamps.unique) }
    }
}
