import CeleryProtocol
import Foundation
import GRDB
import OrderedCollections
import Testing

@testable import CeleryMonitor

/// Files: opened again, damaged, newer, full, and shared by several monitors.
@Suite struct HistoryFileTests {
    private static func entry(_ who: String) -> AuditEntry {
        AuditEntry(
            time: 1,
            who: who,
            address: "::1",
            action: "purge",
            subject: "q",
            details: "",
            outcome: "done",
            isError: false
        )
    }

    @Test func everythingIsThereAgain() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/deep/er/monitor.sqlite"
            do {
                let history = try Fixture.history(path)
                try await history.add(Fixture.run("a", "n", at: Fixture.now), now: Fixture.now + 2)
                try await history.add(Self.entry("me"))
                try await history.remember([.init(name: "celery@one", heard: 5, pid: 7, software: "py-celery")])
            }
            let history = try Fixture.history(path)
            #expect(try await history.task("a")?.state == "SUCCESS")
            #expect(try await history.audit(before: nil, limit: 10).map(\.who) == ["me"])
            #expect(try await history.counts()["celery@one"]?.succeeded == 1)
            #expect(try await history.knownWorkers().first?.pid == 7)
            #expect(try await history.size().tasks == 1)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
    }

    @Test func aDamagedFileIsAnErrorWithAdvice() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/monitor.sqlite"
            try String(repeating: "no database at all. ", count: 1000).write(
                toFile: path,
                atomically: true,
                encoding: .utf8
            )
            let error = #expect(throws: MonitorError.self) { try Fixture.history(path) }
            #expect(error?.description.contains("move it away") == true)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func aNewerFileIsAnErrorWithAdvice() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/monitor.sqlite"
            try await Fixture.history(path).database.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')")
            }
            let error = #expect(throws: MonitorError.self) { try Fixture.history(path) }
            #expect(error?.description.contains("newer version") == true)
        }
    }

    @Test func aFolderThatCannotBeMadeIsAnError() {
        let error = #expect(throws: MonitorError.self) { try Fixture.history("/proc/nowhere/monitor.sqlite") }
        #expect(error?.description.hasPrefix("opening the history /proc/nowhere/monitor.sqlite") == true)
    }

    @Test func aFullDiskIsAProblemThatPasses() async throws {
        try await Fixture.withFolder { folder in
            let history = try Fixture.history(folder + "/monitor.sqlite")
            try await history.database.write { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
            }
            let events = (0..<500).flatMap { Fixture.run("id-\($0)", "n", at: Fixture.now) }
            await #expect(throws: MonitorError.self) { try await history.add(events, now: Fixture.now) }
            #expect(history.problem?.contains("the disk is full") == true)
            #expect(try await history.tasks(TaskFilter(), after: nil, limit: 5).tasks.isEmpty)
            try await history.database.write { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
            #expect(try await history.add(events, now: Fixture.now).events == 1500)
            #expect(history.problem == nil)
        }
    }

    @Test func ofSeveralOneWritesAndAnotherTakesOver() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/monitor.sqlite"
            let first = try Fixture.history(path)
            let second = try Fixture.history(path)
            #expect(first.isWriter && !second.isWriter)
            try await first.add(Fixture.run("a", "n", at: Fixture.now), now: Fixture.now)
            try await second.add(Fixture.run("b", "n", at: Fixture.now), now: Fixture.now)
            #expect(try await second.tasks(TaskFilter(), after: nil, limit: 5).tasks.map(\.id) == ["a"])
            #expect(try !second.takeOver())
            try await second.add(Self.entry("at the second"))
            #expect(try await first.audit(before: nil, limit: 5).map(\.who) == ["at the second"])
            first.resign()
            #expect(try second.takeOver() && second.isWriter && !first.isWriter)
            // What both have heard counts once.
            let events = Fixture.run("a", "n", at: Fixture.now) + Fixture.run("b", "n", at: Fixture.now)
            #expect(try await second.add(events, now: Fixture.now).events == 3)
            #expect(try await first.counts()["celery@one"]?.received == 2)
        }
    }

    @Test func retentionTakesTheOldestAndTheAged() async throws {
        let history = try Fixture.history {
            $0.maxTasks = 100
            $0.maxAge = .seconds(1000)
        }
        for number in 0..<300 {
            let time = Fixture.now - Double(300 - number)
            let task: CeleryMap = Fixture.event(
                "received",
                "id-\(number)",
                at: time,
                ["name": "n", "args": .string("('word\(number)',)"), "root_id": .string("root-\(number / 10)")]
            )
            try await history.add([task], now: time)
        }
        while try await history.prune(now: Fixture.now) {}
        let left = try await history.tasks(TaskFilter(), after: nil, limit: 1000)
        #expect(left.tasks.count == 100 && left.total == 100)
        #expect(left.tasks.last?.id == "id-200")
        #expect(try await history.tasks(TaskFilter(text: "word5"), after: nil, limit: 5).tasks.isEmpty)
        #expect(try await history.tasks(TaskFilter(text: "word250"), after: nil, limit: 5).tasks.count == 1)
        #expect(try await history.workflows(after: nil, limit: 100).rows.count == 10)
        while try await history.prune(now: Fixture.now + 950) {}
        #expect(try await history.size().tasks == 50)
        while try await history.prune(now: Fixture.now + 5000) {}
        #expect(try await history.size().tasks == 0)
        let rest = try await history.database.read { db in
            try ["tasks", "texts", "moments", "workflows"].map {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)")
            }
        }
        #expect(rest == [0, 0, 0, 0])
    }
}
