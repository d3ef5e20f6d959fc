import CeleryWorker

/// Makes a workflow with Chard's own API, sends it, and returns its ids as Celery writes them down.
///
/// `kind` is one of those below; `queue` is where all tasks of it go.
struct SendCanvas: RunnableTask {
    static let name = "examples.canvas"

    var kind: String
    var queue: String

    func run(_ context: TaskContext) async throws -> CeleryValue {
        if kind == "added" {
            // The chord that this task is part of waits for one more task.
            return try await context.addToChord(Add.s(10, 20).set(queue: queue)).tuple.celeryValue
        }
        return try await context.send(try signature()).tuple.celeryValue
    }

    private func signature() throws -> Signature {
        func add(_ numbers: CeleryValue...) -> Signature {
            Signature(Add.name, args: numbers).set(queue: queue)
        }
        let echo = Echo.s().set(queue: queue)
        switch kind {
        case "chain": return try chain(Add(x: 1, y: 2).s.set(queue: queue), add(3), add(4))
        case "pipe": return try add(1, 2) | add(3) | echo
        case "group": return group(add(1, 1), add(2, 2), add(3, 3))
        case "chord": return chord((0..<5).map { add(.int($0), .int($0)) }, echo)
        case "nested": return try chain(add(1, 2), group(add(1), add(2)), echo, echo)
        case "deep":
            let inner = chord([add(1, 1), try chain(add(2, 2), add(3))], echo)
            return chord([inner, add(4, 4), group(add(5, 5), add(6, 6))], try chain(echo, echo))
        case "map": return Echo.map([1, "two", [3]]).set(queue: queue)
        case "starmap": return Add.starmap([[1, 2], [3, 4]]).set(queue: queue)
        case "chunks": return Add.chunks([[1, 2], [3, 4], [5, 6]], of: 2)
        case "later": return add(1, 2).set(countdown: .seconds(3))
        case "options":
            let sum = add(1, 2).set(expires: .seconds(60), priority: 7, compression: "zlib", shadow: "sum")
            return try sum.onSuccess(echo).onError(echo).set(["app_id": "chard"]).stamped(["who": "chard"])
        default: throw ExceptionRecord.valueError("there is no workflow \(kind)")
        }
    }
}
