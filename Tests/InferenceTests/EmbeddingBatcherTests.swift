import Synchronization
import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(1))) struct EmbeddingBatcherTests {
    /// A model whose vector of a text is its length, and which refuses some texts.
    private final class Model: Sendable {
        let calls = Mutex<[[String]]>([])

        func embed(_ texts: [String]) throws -> [EmbeddingBatcher.Vector] {
            calls.withLock { $0.append(texts) }
            if texts.contains("down") { throw InferenceError.unavailable(model: "m", reason: "down", retryAfter: nil) }
            if texts.contains("bad") { throw InferenceError.refused(instance: "i", message: "bad") }
            return texts.map { EmbeddingBatcher.Vector(values: [Float($0.count)], instance: "i") }
        }
    }

    private func batcher(_ model: Model, max: Int, delay: Duration = .seconds(30)) -> EmbeddingBatcher {
        var settings = BatchSettings()
        settings.maxTexts = max
        settings.maxDelay = delay
        return EmbeddingBatcher(settings) { try model.embed($0) }
    }

    @Test func eachGetsItsOwnVectorFromFewCalls() async throws {
        let model = Model()
        let batcher = batcher(model, max: 25)
        try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
            for count in 1...100 {
                group.addTask { (count, try await batcher.vector(of: String(repeating: "x", count: count)).values) }
            }
            for try await (count, vector) in group { #expect(vector == [Float(count)]) }
        }
        #expect(model.calls.withLock { $0.map(\.count) } == [25, 25, 25, 25])
    }

    @Test func theDelaySendsABatchThatIsNotFull() async throws {
        let model = Model()
        let vector = try await batcher(model, max: 1000, delay: .milliseconds(1)).vector(of: "four")
        #expect(vector.values == [4])
    }

    /// What became of each text, all of them asked for at once.
    private func outcomes(_ batcher: EmbeddingBatcher, _ texts: [String]) async -> [String: InferenceError?] {
        await withTaskGroup(of: (String, InferenceError?).self) { group in
            for text in texts {
                group.addTask {
                    do {
                        #expect(try await batcher.vector(of: text).values == [Float(text.count)])
                        return (text, nil)
                    } catch {
                        return (text, error as? InferenceError)
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
    }

    @Test func aRefusedTextIsNobodyElsesError() async {
        let model = Model()
        let outcomes = await outcomes(batcher(model, max: 3), ["a", "bad", "ccc"])
        #expect(outcomes == ["a": nil, "bad": .refused(instance: "i", message: "bad"), "ccc": nil])
    }

    @Test func whatAnotherTryMayMendIsEverybodysError() async {
        let model = Model()
        let down = InferenceError.unavailable(model: "m", reason: "down", retryAfter: nil)
        #expect(await outcomes(batcher(model, max: 2), ["down", "a"]) == ["down": down, "a": down])
        #expect(model.calls.withLock { $0.count } == 1)
    }

    @Test func aCancelledTextIsNotSent() async throws {
        let model = Model()
        let batcher = batcher(model, max: 2)
        let cancelled = Task { try await batcher.vector(of: "cancelled") }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        // One of the three fills the batch that the cancelled text had begun.
        _ = await outcomes(batcher, ["a", "bb", "ccc"])
        #expect(!model.calls.withLock { $0 }.joined().contains("cancelled"))
    }
}
