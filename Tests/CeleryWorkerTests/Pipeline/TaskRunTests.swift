import CeleryProtocol
import Testing

@testable import CeleryWorker

/// The limits of a run: the message's own, or the task's.
struct TaskRunTests {
    private func limits(soft: Double?, hard: Double?) throws -> [Duration?] {
        var queue = QueueSettings(name: "q")
        queue.softTimeLimit = .seconds(7)
        let message = try TaskMessage.sample {
            $0.softTimeLimit = soft
            $0.hardTimeLimit = hard
        }
        let run = TestRun.make(message, queue: queue)
        return [run.softTimeLimit, run.hardTimeLimit]
    }

    @Test func limitsOfAMessageWinOverTheRules() throws {
        #expect(try limits(soft: nil, hard: nil) == [.seconds(7), nil])
        #expect(try limits(soft: 0.5, hard: 60) == [.milliseconds(500), .seconds(60)])
    }

    @Test func limitsThatAreNoneAreNotTaken() throws {
        for odd in [0, -1, -1e300, .infinity, -.infinity, .nan] {
            #expect(try limits(soft: odd, hard: odd) == [.seconds(7), nil])
        }
    }

    @Test func endlessLimitsAreThirtyYears() throws {
        for odd in [1e10, 1e300, .greatestFiniteMagnitude] {
            #expect(try limits(soft: odd, hard: odd) == [.seconds(1e9), .seconds(1e9)])
        }
    }
}
