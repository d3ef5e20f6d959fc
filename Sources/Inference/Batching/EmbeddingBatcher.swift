import Synchronization

/// Sends texts that arrive together to a model together; each gets its own vector, or its own error.
///
/// One for each model. A text whose asker is cancelled before it is sent is not sent.
final class EmbeddingBatcher: Sendable {
    struct Vector: Sendable {
        var values: [Float]
        var instance: String
    }

    /// Embeds texts in one call; the vectors come in their order.
    typealias Call = @Sendable ([String]) async throws -> [Vector]

    private struct Entry: Sendable {
        var number: Int
        var text: String
    }

    private struct State {
        var queue: BatchQueue<Entry>
        var waiting: [Int: CheckedContinuation<Vector, any Error>] = [:]
    }

    private let settings: BatchSettings
    private let call: Call
    private let state: Mutex<State>
    private let lastNumber = Atomic(0)

    init(_ settings: BatchSettings, call: @escaping Call) {
        self.settings = settings
        self.call = call
        state = Mutex(State(queue: BatchQueue(maxItems: settings.maxTexts)))
    }

    func vector(of text: String) async throws -> Vector {
        let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                add(Entry(number: number, text: text), continuation)
                // A cancellation from before that found nothing to end.
                if Task.isCancelled { end(number, .failure(CancellationError())) }
            }
        } onCancel: {
            end(number, .failure(CancellationError()))
        }
    }

    private func add(_ entry: Entry, _ continuation: CheckedContinuation<Vector, any Error>) {
        let step = state.withLock { state in
            state.waiting[entry.number] = continuation
            return state.queue.add(entry)
        }
        switch step {
        case .wait: break
        case .send(let entries): Task { await send(entries) }
        case .startTimer(let round):
            Task {
                try? await Task.sleep(for: settings.maxDelay)
                await send(state.withLock { $0.queue.timeIsUp(round) })
            }
        }
    }

    private func send(_ entries: [Entry]) async {
        let wanted = state.withLock { state in entries.filter { state.waiting[$0.number] != nil } }
        guard !wanted.isEmpty else { return }
        do {
            let vectors = try await call(wanted.map(\.text))
            for (entry, vector) in zip(wanted, vectors) { end(entry.number, .success(vector)) }
        } catch let error as InferenceError where !error.isRetriable && wanted.count > 1 {
            // One of them is wrong, and its error is nobody else's.
            for entry in wanted { await send([entry]) }
        } catch {
            for entry in wanted { end(entry.number, .failure(error)) }
        }
    }

    private func end(_ number: Int, _ result: Result<Vector, any Error>) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(with: result)
    }
}
