import CProcess
import CRabbitMQ
import Foundation
import Glibc
import Synchronization

/// A command that is given its whole input at once and is read until it ends.
///
/// It has a thread of its own here; the callbacks come from that thread, one after the other, `onEnd` last.
package final class CommandProcess: Sendable {
    package enum End: Sendable {
        case notStarted(ProcessError)
        case ended(ExitStatus)
    }

    package struct Callbacks: Sendable {
        package var onOutput: @Sendable (ArraySlice<UInt8>) -> Void
        package var onErrorOutput: @Sendable (ArraySlice<UInt8>) -> Void
        package var onEnd: @Sendable (End) -> Void

        package init(
            onOutput: @escaping @Sendable (ArraySlice<UInt8>) -> Void,
            onErrorOutput: @escaping @Sendable (ArraySlice<UInt8>) -> Void,
            onEnd: @escaping @Sendable (End) -> Void
        ) {
            self.onOutput = onOutput
            self.onErrorOutput = onErrorOutput
            self.onEnd = onEnd
        }
    }

    private struct State {
        var process: ChildProcess?
        /// A signal that came before there was a process.
        var signal: Int32?
    }

    /// The ends of the three pipes that stay here; -1 once closed.
    private struct Pipes {
        var input: Int32
        var output: Int32
        var errors: Int32

        mutating func closeInput() { Self.close(&input) }

        mutating func closeAll() {
            Self.close(&input)
            Self.close(&output)
            Self.close(&errors)
        }

        static func close(_ descriptor: inout Int32) {
            Descriptors.close(descriptor)
            descriptor = -1
        }
    }

    private let state = Mutex(State())
    private let callbacks: Callbacks
    private let guarding: Guarding

    /// What happens when this process is killed.
    package enum Guarding: Sendable {
        /// The command dies, what it has started may go on.
        case leader
        /// The command dies with all that it has started and that stayed in its group; the folder is deleted.
        case group(folder: String?)
    }

    /// Starts the thread, and with it the process.
    package init(
        _ request: SpawnRequest,
        input: [UInt8],
        threadName: String,
        guarding: Guarding = .leader,
        callbacks: Callbacks
    ) {
        self.callbacks = callbacks
        self.guarding = guarding
        let thread = Thread { [self] in
            ThreadName.set(threadName)
            live(request, input)
        }
        // What comes is decoded on it, and may be nested deeply.
        thread.stackSize = 8 << 20
        thread.start()
    }

    package var pid: Int32? { state.withLock { $0.process?.pid } }

    /// Sends a signal to the process and all that it started and that stayed in its group.
    package func kill(_ signal: Int32) {
        let process = state.withLock { state in
            if state.process == nil, state.signal != SIGKILL { state.signal = signal }
            return state.process
        }
        process?.kill(signal, group: true)
    }

    // MARK: The thread

    private func live(_ request: SpawnRequest, _ input: [UInt8]) {
        // A command need not read its input.
        chard_block_sigpipe()
        do throws(ProcessError) {
            var (process, pipes) = try start(request)
            var guardian: ProcessGroupGuard?
            if case .group(let folder) = guarding {
                guardian = ProcessGroupGuard(group: process.pid, folder: folder)
            }
            communicate(process, &pipes, input)
            pipes.closeAll()
            if case .group = guarding {
                process.awaitEnd()
                // What it has left behind is of no use to anybody.
                process.kill(SIGKILL, group: true)
            }
            guardian?.release()
            callbacks.onEnd(.ended(process.wait()))
        } catch {
            callbacks.onEnd(.notStarted(error))
        }
    }

    private func start(_ request: SpawnRequest) throws(ProcessError) -> (ChildProcess, Pipes) {
        guard let input = Descriptors.pipe() else { throw ProcessError("making a pipe", code: errno) }
        guard let output = Descriptors.pipe() else {
            let error = ProcessError("making a pipe", code: errno)
            for descriptor in [input.read, input.write] { Descriptors.close(descriptor) }
            throw error
        }
        guard let errors = Descriptors.pipe() else {
            let error = ProcessError("making a pipe", code: errno)
            for descriptor in [input.read, input.write, output.read, output.write] { Descriptors.close(descriptor) }
            throw error
        }
        defer { for descriptor in [input.read, output.write, errors.write] { Descriptors.close(descriptor) } }
        var pipes = Pipes(input: input.write, output: output.read, errors: errors.read)
        for descriptor in [pipes.input, pipes.output, pipes.errors] { Descriptors.setNonblocking(descriptor) }
        do throws(ProcessError) {
            let process = try ChildProcess(request, descriptors: [input.read, output.write, errors.write])
            let signal = state.withLock { state in
                state.process = process
                return state.signal
            }
            if let signal { process.kill(signal, group: true) }
            return (process, pipes)
        } catch {
            pipes.closeAll()
            throw error
        }
    }

    /// Writes the input and reads the outputs until the process has ended and all is read that it wrote.
    private func communicate(_ process: ChildProcess, _ pipes: inout Pipes, _ input: [UInt8]) {
        var rest = input[...]
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while pipes.output >= 0 || pipes.errors >= 0 || process.endDescriptor >= 0 {
            if rest.isEmpty { pipes.closeInput() }
            var polled = [
                pollfd(fd: pipes.input, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: pipes.output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pipes.errors, events: Int16(POLLIN), revents: 0),
                pollfd(fd: process.endDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            Descriptors.poll(&polled, until: .distantFuture)
            let hasEnded = polled[3].revents != 0
            if polled[0].revents != 0 {
                if let count = Descriptors.write(rest.prefix(1 << 16), to: pipes.input) {
                    rest = rest.dropFirst(count)
                } else {
                    rest = []
                }
            }
            if polled[1].revents != 0 || hasEnded {
                take(&pipes.output, &buffer, all: hasEnded, callbacks.onOutput)
            }
            if polled[2].revents != 0 || hasEnded {
                take(&pipes.errors, &buffer, all: hasEnded, callbacks.onErrorOutput)
            }
            // Somebody else may still hold the pipes, such as a daemon that it left behind.
            if hasEnded { return }
        }
    }

    private func take(
        _ descriptor: inout Int32,
        _ buffer: inout [UInt8],
        all: Bool,
        _ deliver: (ArraySlice<UInt8>) -> Void
    ) {
        var rounds = 0
        while descriptor >= 0 {
            switch Descriptors.read(descriptor, into: &buffer) {
            case .nothingNow: return
            case .end: return Pipes.close(&descriptor)
            case .bytes(let count): deliver(buffer[..<count])
            }
            // One output must not keep the other waiting; what a pipe holds at the end is a megabyte at most.
            rounds += 1
            if rounds > (all ? 1024 : 8) { return }
        }
    }
}
