import CeleryProtocol
import Connections
import OrderedCollections
import Synchronization

/// What a command has written so far, and its end; filled by the command's thread, emptied by the task.
///
/// Lines of standard output that are one of the JSON objects `{"progress": …}`, `{"result": …}` and `{"error": …}` mean
/// that; of several not yet taken, the last counts. Without any such line the whole output is the result.
final class CommandOutput: Sendable {
    enum Event: Sendable {
        case progress(CeleryValue)
        /// It has written a checkpoint, and what it says about it.
        case checkpoint(CeleryValue)
        case ended(CommandProcess.End)
        /// More came than is allowed.
        case tooLarge
    }

    private struct State {
        var lines: LineSplitter
        var errorLines = LineSplitter(maxBytes: 8192)
        /// The output as it came, until a line of the protocol shows that it is not the result.
        var plain: [UInt8] = []
        var isProtocol = false
        var isTooLarge = false
        var progress: CeleryValue?
        var checkpoint: CeleryValue?
        var result: [UInt8]?
        var error: ExceptionRecord?
        var lastErrorLine = ""
        var end: CommandProcess.End?
        var waiting: CheckedContinuation<Event, Never>?

        /// What the task should hear of next.
        mutating func nextEvent() -> Event? {
            if isTooLarge { return .tooLarge }
            if let progress {
                self.progress = nil
                return .progress(progress)
            }
            if let checkpoint {
                self.checkpoint = nil
                return .checkpoint(checkpoint)
            }
            return end.map(Event.ended)
        }
    }

    private let maxBytes: Int
    private let takesCheckpoints: Bool
    private let state: Mutex<State>
    private let onErrorLine: @Sendable (String) -> Void

    /// - Parameters:
    ///   - takesCheckpoints: Whether a line `{"checkpoint": …}` means something, too.
    ///   - onErrorLine: Called with each line of standard error.
    init(maxBytes: Int, takesCheckpoints: Bool = false, onErrorLine: @escaping @Sendable (String) -> Void) {
        self.maxBytes = maxBytes
        self.takesCheckpoints = takesCheckpoints
        self.onErrorLine = onErrorLine
        state = Mutex(State(lines: LineSplitter(maxBytes: maxBytes)))
    }

    // MARK: The command's thread

    func append(_ bytes: ArraySlice<UInt8>) {
        change { state in
            let lines = state.lines.append(bytes)
            for line in lines { take(line, &state) }
            guard !state.isProtocol else { return }
            state.plain.append(contentsOf: bytes)
            if state.plain.count > maxBytes { state.isTooLarge = true }
        }
    }

    func appendErrors(_ bytes: ArraySlice<UInt8>) {
        report(state.withLock { $0.errorLines.append(bytes) })
    }

    func end(_ end: CommandProcess.End) {
        report(state.withLock { $0.errorLines.end().map { [$0] } ?? [] })
        change { state in
            if let line = state.lines.end() { take(line, &state) }
            state.end = end
        }
    }

    private func report(_ lines: [[UInt8]]) {
        for line in lines {
            let text = Self.printable(line)
            guard !text.isEmpty else { continue }
            state.withLock { $0.lastErrorLine = text }
            onErrorLine(text)
        }
    }

    private func take(_ line: [UInt8], _ state: inout State) {
        if line.count >= maxBytes { state.isTooLarge = true }
        // Not parsed when it cannot be one.
        guard line.first(where: { $0 != 0x20 }) == UInt8(ascii: "{"),
            let map = (try? JSONParser.parse(line))?.mapValue, map.count == 1, let (key, value) = map.elements.first
        else { return }
        switch key {
        case "progress": state.progress = value
        case "checkpoint" where takesCheckpoints: state.checkpoint = value
        case "result": state.result = JSONWriter.bytes(value)
        case "error":
            guard let record = ExceptionRecord(reported: value) else { return }
            state.error = record
        default: return
        }
        state.isProtocol = true
        state.plain = []
    }

    private func change(_ body: (inout State) -> Void) {
        let (waiting, event) = state.withLock { state -> (CheckedContinuation<Event, Never>?, Event?) in
            body(&state)
            guard state.waiting != nil, let event = state.nextEvent() else { return (nil, nil) }
            defer { state.waiting = nil }
            return (state.waiting, event)
        }
        if let event { waiting?.resume(returning: event) }
    }

    // MARK: The task

    /// Waits for the next event, also when the Swift task is cancelled: a process ends when it is told to.
    func next() async -> Event {
        await withCheckedContinuation { continuation in
            let event = state.withLock { state in
                let event = state.nextEvent()
                if event == nil { state.waiting = continuation }
                return event
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    var error: ExceptionRecord? { state.withLock { $0.error } }
    /// Whether a line has said what the result is.
    var hasResult: Bool { state.withLock { $0.result != nil } }
    var lastErrorLine: String { state.withLock { $0.lastErrorLine } }

    /// The result as JSON text.
    func result() -> [UInt8] {
        let (result, isProtocol, plain) = state.withLock { ($0.result, $0.isProtocol, $0.plain) }
        if let result { return result }
        if isProtocol { return Array("null".utf8) }
        if let value = try? JSONParser.parse(plain) { return JSONWriter.bytes(value) }
        var text = String(decoding: plain, as: UTF8.self)
        if text.hasSuffix("\n") { text.removeLast() }
        return JSONWriter.bytes(text.isEmpty ? .null : .string(text))
    }

    /// The text of a line; what would let a command forge lines of the log is replaced.
    private static func printable(_ line: [UInt8]) -> String {
        String(decoding: line.map { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
