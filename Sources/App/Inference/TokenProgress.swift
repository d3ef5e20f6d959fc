import CeleryWorker
import Inference

/// Stores how far a generation is as the task's PROGRESS state: at once, then the newest after each interval.
struct TokenProgress: Sendable {
    /// What a client reads as the state's meta.
    struct Meta: Encodable, Sendable {
        /// All of the text so far.
        var text: String
        var tokens: Int
        var instance: String
        /// From 1 on; the text begins anew when it grows.
        var attempt: Int
    }

    let context: TaskContext
    let interval: Duration

    /// Runs a body that reports; when this returns, no state is on its way any more.
    func reporting<Output: Sendable>(
        _ body: (@escaping InferenceService.Listener) async throws -> Output
    ) async throws -> Output {
        let (news, continuation) = AsyncStream.makeStream(
            of: InferenceProgress.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let writer = Task {
            // A stream that is cancelled still gives what it holds.
            for await newest in news where !Task.isCancelled {
                // On its own: a state that was cancelled half-way might reach Redis after the result.
                await Task { await store(newest) }.value
                try? await Task.sleep(for: interval)
            }
        }
        do {
            let output = try await body { continuation.yield($0) }
            await end(writer, continuation)
            return output
        } catch {
            await end(writer, continuation)
            throw error
        }
    }

    /// The result says more than the last progress: what was not stored by now is not needed.
    private func end(_ writer: Task<Void, Never>, _ news: AsyncStream<InferenceProgress>.Continuation) async {
        writer.cancel()
        news.finish()
        await writer.value
    }

    private func store(_ progress: InferenceProgress) async {
        let meta = Meta(
            text: progress.text,
            tokens: progress.tokens,
            instance: progress.instance,
            attempt: progress.attempt
        )
        do {
            try await context.progress(meta)
        } catch {
            context.logger.debug("progress was not stored: \(error)")
        }
    }
}
