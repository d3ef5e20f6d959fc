import CProcess
import CRabbitMQ
import Foundation
import Glibc
import Synchronization

/// A child process that speaks in frames over a socket, its descriptor 3.
///
/// It has a thread of its own here, which starts it, reads what it says and waits for its end; the callbacks come from
/// that thread, one after the other, `onEnd` last. Standard output and error are this process's.
package final class FramedChild: Sendable {
    package enum End: Sendable {
        case notStarted(ProcessError)
        case ended(ExitStatus)
    }

    /// The descriptor of the socket in the child.
    package static let childDescriptor: Int32 = 3

    /// What is called on the child's thread.
    package struct Callbacks: Sendable {
        package var onFrame: @Sendable ([UInt8]) -> Void
        package var onEnd: @Sendable (End) -> Void

        package init(onFrame: @escaping @Sendable ([UInt8]) -> Void, onEnd: @escaping @Sendable (End) -> Void) {
            self.onFrame = onFrame
            self.onEnd = onEnd
        }
    }

    private struct State {
        var socket: Int32
        /// The child's end, until it has been given away.
        var other: Int32
        /// What could not be sent yet, from `sent` on.
        var output: [UInt8] = []
        var sent = 0
        var process: ChildProcess?
        /// A signal for the group of a process that is only about to be started.
        var isKilled = false
        /// When it is killed if it has not ended.
        var killTime = MonotonicTime.distantFuture
    }

    private let state: Mutex<State>
    private let waker = Waker()

    /// Makes the socket, so that frames can be sent; nothing is started yet.
    ///
    /// - Throws: `ProcessError` when there are no descriptors left.
    package init() throws(ProcessError) {
        guard let (own, other) = Descriptors.socketPair() else {
            throw ProcessError("making a socket for a child process", code: errno)
        }
        Descriptors.setNonblocking(own)
        state = Mutex(State(socket: own, other: other))
    }

    deinit {
        state.withLock { state in
            Descriptors.close(state.socket)
            Descriptors.close(state.other)
        }
    }

    /// Starts the thread, and with it the process. To be called once.
    package func start(_ request: SpawnRequest, threadName: String, _ callbacks: Callbacks) {
        let thread = Thread { [self] in
            ThreadName.set(threadName)
            live(request, callbacks)
        }
        // What comes is decoded on it, and may be nested deeply.
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Nil before the start; kept after the end.
    package var pid: Int32? { state.withLock { $0.process?.pid } }

    /// Sends a frame; what the child does not take at once, the thread sends later. Lost when the child is gone.
    package func send(_ payload: [UInt8]) {
        guard let frame = FrameReader.frame(payload) else { return kill() }
        let isRestLeft = state.withLock { state -> Bool in
            guard state.socket >= 0 else { return false }
            var frame = frame[...]
            if state.output.isEmpty {
                frame = frame.dropFirst(Descriptors.send(frame, to: state.socket, waits: false) ?? frame.count)
            }
            state.output.append(contentsOf: frame)
            return !state.output.isEmpty
        }
        if isRestLeft { waker.wake() }
    }

    /// Lets the child see the end of its input; it is killed if it has not ended after `limit`.
    package func close(within limit: Duration) {
        state.withLock { state in
            guard state.socket >= 0 else { return }
            shutdown(state.socket, Int32(SHUT_WR))
            state.killTime = min(state.killTime, MonotonicTime.now.advanced(by: limit))
        }
        waker.wake()
    }

    /// Sends the process a signal; to all of its group when it is SIGKILL.
    package func kill(_ signal: Int32 = SIGKILL) {
        let process = state.withLock { state in
            if state.process == nil { state.isKilled = true }
            return state.process
        }
        process?.kill(signal, group: signal == SIGKILL)
    }

    /// Kills the process if it has not ended after `limit`.
    package func kill(after limit: Duration) {
        state.withLock { $0.killTime = min($0.killTime, MonotonicTime.now.advanced(by: limit)) }
        waker.wake()
    }

    // MARK: The thread

    private func live(_ request: SpawnRequest, _ callbacks: Callbacks) {
        let process: ChildProcess
        do {
            process = try spawn(request)
        } catch {
            closeSocket()
            return callbacks.onEnd(.notStarted(error))
        }
        read(process, callbacks.onFrame)
        closeSocket()
        callbacks.onEnd(.ended(process.wait()))
    }

    private func spawn(_ request: SpawnRequest) throws(ProcessError) -> ChildProcess {
        let other = state.withLock { state in
            defer { state.other = -1 }
            return state.other
        }
        let null = Descriptors.null()
        defer {
            Descriptors.close(null)
            Descriptors.close(other)
        }
        let process = try ChildProcess(request, descriptors: [null, 1, 2, other])
        let isKilled = state.withLock { state in
            state.process = process
            return state.isKilled
        }
        if isKilled { process.kill(SIGKILL, group: true) }
        return process
    }

    /// Reads until the process has ended.
    private func read(_ process: ChildProcess, _ onFrame: ([UInt8]) -> Void) {
        var reader = FrameReader()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var isOpen = true
        while true {
            waker.beginTurn()
            let (socket, hasOutput, killTime) = state.withLock { ($0.socket, Self.flush(&$0), $0.killTime) }
            if MonotonicTime.now >= killTime {
                process.kill(SIGKILL, group: true)
                state.withLock { $0.killTime = .distantFuture }
            }
            guard waker.beginPolling() else { continue }
            let wanted = Int16(POLLIN) | (hasOutput ? Int16(POLLOUT) : 0)
            var polled = [
                pollfd(fd: isOpen ? socket : -1, events: wanted, revents: 0),
                pollfd(fd: process.endDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            Descriptors.poll(&polled, until: killTime)
            if polled[2].revents != 0 { waker.drain() }
            let hasEnded = polled[1].revents != 0
            if hasEnded || polled[0].revents & ~Int16(POLLOUT) != 0 {
                isOpen = isOpen && take(socket, &reader, &buffer, isLast: hasEnded, onFrame)
                // A process that closes its socket is about to end, and is helped to.
                if !isOpen, process.endDescriptor < 0 { return process.kill(SIGKILL, group: true) }
                if !isOpen { kill(after: .seconds(1)) }
            }
            if hasEnded { return }
        }
    }

    /// Takes what has come; false when that was the last.
    ///
    /// - Parameter isLast: Whether nothing more can come later.
    private func take(
        _ socket: Int32,
        _ reader: inout FrameReader,
        _ buffer: inout [UInt8],
        isLast: Bool,
        _ onFrame: ([UInt8]) -> Void
    ) -> Bool {
        while true {
            switch Descriptors.read(socket, into: &buffer) {
            case .nothingNow: return true
            case .end: return false
            case .bytes(let count):
                reader.append(buffer[..<count])
                while let frame = reader.next() { onFrame(frame) }
                if count < buffer.count, !isLast { return true }
            }
        }
    }

    /// Sends what waits; returns whether some of it still does.
    private static func flush(_ state: inout State) -> Bool {
        guard state.socket >= 0, !state.output.isEmpty else { return false }
        let rest = state.output[state.sent...]
        state.sent += Descriptors.send(rest, to: state.socket, waits: false) ?? rest.count
        guard state.sent == state.output.count else { return true }
        state.output = []
        state.sent = 0
        return false
    }

    private func closeSocket() {
        state.withLock { state in
            Descriptors.close(state.socket)
            state.socket = -1
            state.output = []
            state.sent = 0
        }
    }
}
