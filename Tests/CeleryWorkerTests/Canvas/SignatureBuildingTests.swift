import CeleryProtocol
import CeleryWorker
import Testing

/// How signatures are written in Swift.
struct SignatureBuildingTests {
    private struct Add: CeleryTask {
        typealias Output = Int
        static let name = "add"
        static let options = TaskOptions(queue: "sums", ignoreResult: true)
        var x: Int
        var y: Int
    }

    @Test func aTaskIsASignature() throws {
        let full = try Add(x: 1, y: 2).s
        #expect(full.task == "add" && full.args.isEmpty && full.kwargs == ["x": 1, "y": 2] && !full.isImmutable)
        #expect(full.options == ["queue": "sums", "ignore_result": true])
        #expect(try Add(x: 1, y: 2).si.isImmutable)
        #expect(Add.s(4).args == [4] && !Add.s(4).isImmutable)
        #expect(Add.si(1, 2).args == [1, 2] && Add.si(1, 2).isImmutable)
    }

    @Test func workflowsCombineAsInPython() throws {
        let three = try Add.s(1, 2) | Add.s(3) | Add.s(4)
        #expect(three.subtaskType == "chain")
        #expect(three == (try chain(Add.s(1, 2), Add.s(3), Add.s(4))))
        #expect(try chain([Add.s(1), Add.s(2)]).kwargs["tasks"]?.arrayValue?.count == 2)
        let upgraded = try group(Add.s(1, 1), Add.s(2, 2)) | Signature("sum")
        #expect(upgraded.subtaskType == "chord")
        #expect(Signature.list(upgraded.kwargs["header"]).map(\.args) == [[1, 1], [2, 2]])
    }

    @Test func optionsAreCelerys() {
        let sig = Add.s(1).set(
            id: "i",
            queue: "q",
            countdown: .seconds(3),
            expires: .milliseconds(1500),
            priority: 4,
            softTimeLimit: .seconds(5),
            hardTimeLimit: .seconds(6),
            ignoreResult: false,
            serializer: "msgpack",
            compression: "zstd",
            shadow: "s",
            headers: ["h": 1]
        )
        #expect(
            sig.options == [
                "queue": "q", "ignore_result": false, "task_id": "i", "countdown": 3, "expires": 1.5, "priority": 4,
                "soft_time_limit": 5, "time_limit": 6, "serializer": "msgpack", "compression": "zstd", "shadow": "s",
                "headers": ["h": 1],
            ]
        )
        #expect(Add.s(1).set(["routing_key": "k"]).options["routing_key"] == "k")
    }

    @Test func linksGoWhereCeleryPutsThem() throws {
        let plain = try Add.s(1).onSuccess(Add.s(2)).onSuccess(Add.s(3)).onError(Signature("oops"))
        #expect(Signature.list(plain.options["link"]).map(\.args) == [[2], [3]])
        #expect(Signature.list(plain.options["link_error"]).map(\.task) == ["oops"])
        let many = try group(Add.s(1), Add.s(2)).onSuccess(Add.s(9)).onError(Signature("oops"))
        let tasks = Signature.list(many.kwargs["tasks"])
        #expect(Signature.list(tasks[0].options["link"]).map(\.isImmutable) == [true])
        #expect(tasks[1].options["link"] == nil)
        #expect(tasks.allSatisfy { $0.options["link_error"] != nil })
        let body = try chord([Add.s(1)], Signature("sum")).onSuccess(Add.s(9)).kwargs["body"]
        #expect(body?["options"]?["link"]?.arrayValue?.count == 1)
        #expect(throws: CanvasError.self) { try group([]).onSuccess(Add.s(1)) }
    }

    @Test func immutableReachesTheTasksOfGroups() {
        let tasks = Signature.list(group(Add.s(1), group(Add.s(2))).immutable.kwargs["tasks"])
        #expect(tasks[0].isImmutable && Signature.list(tasks[1].kwargs["tasks"])[0].isImmutable)
        let chord = chord([Add.s(1)], Add.s(2)).immutable
        #expect(Signature.list(chord.kwargs["header"])[0].isImmutable)
        #expect(chord.kwargs["body"]?["immutable"] == false)
    }

    @Test func mapsAndChunks() {
        #expect(Add.map([1, 2]).kwargs["it"] == [1, 2] && Add.map([]).subtaskType == "xmap")
        #expect(Add.starmap([[1, 2]]).kwargs["it"] == [[1, 2]] && Add.starmap([]).task == "celery.starmap")
        #expect(Add.chunks([[1, 2]], of: 10).kwargs["n"] == 10)
    }
}
