import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension HTTPCall {
    /// How a streamed answer is bounded, beside the call's own `timeout` and `maxBytes`, which hold for all of it.
    package struct StreamLimits: Sendable {
        /// The longest time without a byte, the wait for the first one included.
        package var silence: Duration
        /// The longest line that is read, in bytes.
        package var maxLine: Int

        package init(silence: Duration, maxLine: Int) {
            self.silence = silence
            self.maxLine = maxLine
        }
    }

    /// Sends it and hands over the lines of a good answer as they come, without their ends; cancelled with the task.
    ///
    /// - Parameter onLine: Called in order, for answers with a status from 200 to 299 only. The next line waits for it.
    /// - Returns: The answer; its body is empty where lines were handed over, else as `send()` gives it.
    /// - Throws: `Failure`, `CancellationError`, or what `onLine` throws.
    package func lines(
        _ limits: StreamLimits,
        onLine: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Answer {
        try await guarded(silence: limits.silence) { watch in
            let response = try await execute()
            watch.heard()
            guard (200..<300).contains(response.status.code) else { return try await whole(response) }
            try await read(response.body, limits, watch, onLine)
            return Answer(response, body: [])
        }
    }

    private func read(
        _ body: HTTPClientResponse.Body,
        _ limits: StreamLimits,
        _ watch: HTTPWatch,
        _ onLine: @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        var splitter = LineSplitter(maxBytes: limits.maxLine + 1)
        var total = 0
        for try await part in body {
            watch.heard()
            total += part.readableBytes
            guard total <= maxBytes else { throw Failure.tooLarge }
            for line in splitter.append(part.readableBytesView) {
                guard line.count <= limits.maxLine else { throw Failure.tooLarge }
                try await take(line, onLine)
            }
        }
        if let rest = splitter.end() { try await take(rest, onLine) }
    }

    private func take(_ line: [UInt8], _ onLine: @Sendable ([UInt8]) async throws -> Void) async throws {
        do { try await onLine(line) } catch { throw LineError(cause: error) }
    }

    /// What the reader of the lines threw, kept apart from what the connection does.
    struct LineError: Error {
        var cause: any Error
    }
}
