import CeleryProtocol
import Connections
import Testing

@testable import CeleryWorker

/// What runners put in comes out once and in order, with the commands that store it.
struct OutboxTests {
    private let commands = RedisResultCommands(keyPrefix: "", expires: .seconds(60))

    private func item(_ tag: Int, lane: Int = 0) -> Outbox.Item {
        Outbox.Item(lane: lane, epoch: 1, tag: UInt64(tag), answer: .acknowledge)
    }

    private func document(_ status: TaskState = .success) -> ResultDocument {
        ResultDocument(taskID: "id-1", status: status, result: Array("3".utf8))
    }

    private func words(_ batch: Outbox.Batch?) -> [[String]] {
        RESPReader.commands(in: batch?.commands ?? []).map { $0.map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test func aFirstSuccessIsSetAndPublished() throws {
        let outbox = Outbox(results: commands, waker: Waker())
        outbox.append(item(1), document: document(), isFirst: true, now: 1_700_000_000_000_000)
        let batch = try #require(outbox.take())
        let stored = words(batch)
        #expect(batch.replies == 2)
        #expect(stored.count == 2)
        let text = try #require(stored.first?[2])
        #expect(text.hasPrefix("{\"status\": \"SUCCESS\", \"result\": 3, "))
        #expect(text.contains("\"date_done\": \"2023-11-14T22:13:20"))
        #expect(
            stored == [
                ["SET", "celery-task-meta-id-1", text, "NX", "EX", "60"], ["PUBLISH", "celery-task-meta-id-1", text],
            ]
        )
    }

    @Test func allElseIsLeftToTheScript() throws {
        let outbox = Outbox(results: commands, waker: Waker())
        outbox.append(item(1), document: document(), isFirst: false, now: 0)
        outbox.append(item(2), document: document(.failure), isFirst: true, now: 0)
        let batch = try #require(outbox.take())
        #expect(batch.replies == 2)
        #expect(
            words(batch).map { Array($0.prefix(4)) }
                == Array(
                    repeating: ["EVALSHA", RedisResultCommands.storeScript.sha1, "1", "celery-task-meta-id-1"],
                    count: 2
                )
        )
    }

    @Test func whatStoresNothingIsAnsweredAllTheSame() throws {
        for results in [commands, nil] {
            let outbox = Outbox(results: results, waker: Waker())
            outbox.append(item(1), document: nil, isFirst: true, now: 0)
            if results == nil { outbox.append(item(2), document: document(), isFirst: true, now: 0) }
            let batch = try #require(outbox.take())
            #expect(batch.commands.isEmpty)
            #expect(batch.replies == 0)
            #expect(batch.items.map(\.tag) == (results == nil ? [1, 2] : [1]))
        }
    }

    @Test func aRecycledBatchIsEmpty() throws {
        let outbox = Outbox(results: commands, waker: Waker())
        #expect(outbox.take() == nil)
        outbox.append(item(1), document: document(), isFirst: true, now: 0)
        outbox.recycle(try #require(outbox.take()))
        outbox.append(item(2), document: document(), isFirst: false, now: 0)
        #expect(try #require(outbox.take()).items.map(\.tag) == [2])
        outbox.append(item(3), document: nil, isFirst: false, now: 0)
        let batch = try #require(outbox.take())
        #expect(batch.items.map(\.tag) == [3])
        #expect(batch.replies == 0)
        #expect(outbox.isEmpty)
    }

    @Test func fromManyThreadsEachComesOnceAndInItsOrder() async {
        let outbox = Outbox(results: commands, waker: Waker())
        let writers = 4
        let count = 2000
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<writers {
                group.addTask {
                    for tag in 0..<count {
                        outbox.append(item(tag, lane: lane), document: document(), isFirst: true, now: 0)
                    }
                }
            }
            group.addTask {
                var tags = Array(repeating: [UInt64](), count: writers)
                while tags.reduce(0, { $0 + $1.count }) < writers * count, !Task.isCancelled {
                    guard let batch = outbox.take() else {
                        await Task.yield()
                        continue
                    }
                    #expect(batch.replies == 2 * batch.items.count)
                    for item in batch.items { tags[item.lane].append(item.tag) }
                    outbox.recycle(batch)
                }
                #expect(tags == Array(repeating: (0..<UInt64(count)).map { $0 }, count: writers))
            }
        }
        #expect(outbox.isEmpty)
    }
}
