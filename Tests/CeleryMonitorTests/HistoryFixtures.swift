import CeleryProtocol
import Foundation
import Logging
import OrderedCollections

@testable import CeleryMonitor

/// Histories and events for tests.
enum Fixture {
    static let now = 1_800_000_000.0

    static func settings(
        _ path: String = ":memory:",
        _ change: (inout MonitorSettings) -> Void = { _ in }
    )
        -> MonitorSettings
    {
        var settings = MonitorSettings()
        settings.history = path
        change(&settings)
        return settings
    }

    static func history(
        _ path: String = ":memory:",
        _ change: (inout MonitorSettings) -> Void = { _ in }
    ) throws
        -> History
    {
        try History(settings(path, change), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A folder of its own, taken away with everything in it.
    static func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "chard-history-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path)
    }

    static func event(
        _ type: String,
        _ id: String,
        at time: Double = now,
        by worker: String = "celery@one",
        _ fields: CeleryMap = [:]
    ) -> CeleryMap {
        var event: CeleryMap = [
            "type": .string("task-\(type)"), "uuid": .string(id), "timestamp": .double(time),
            "hostname": .string(worker), "clock": 1, "pid": 7,
        ]
        event.merge(fields) { $1 }
        return event
    }

    /// What a worker tells of a task that ran.
    static func run(
        _ id: String,
        _ name: String,
        at time: Double,
        by worker: String = "celery@one",
        runtime: Double = 1
    )
        -> [CeleryMap]
    {
        [
            event("received", id, at: time, by: worker, ["name": .string(name), "args": "(1,)", "kwargs": "{}"]),
            event("started", id, at: time + 0.25, by: worker),
            event(
                "succeeded",
                id,
                at: time + 0.25 + runtime,
                by: worker,
                ["result": "'done'", "runtime": .double(runtime)]
            ),
        ]
    }
}
