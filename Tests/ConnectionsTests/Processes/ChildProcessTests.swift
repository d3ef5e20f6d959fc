import Foundation
import Synchronization
import Testing

@testable import Connections

/// Real processes: what they are given, how they end, and what they leave behind.
struct ChildProcessTests {
    /// What a command wrote and how it ended.
    private struct Result: Sendable {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var end: CommandProcess.End?

        var text: String { String(decoding: output, as: UTF8.self) }

        var status: Connections.ExitStatus? {
            if case .ended(let status) = end { status } else { nil }
        }
    }

    private func run(
        _ words: [String],
        input: [UInt8] = [],
        environment: [String: String] = ["PATH": "/usr/bin:/bin"],
        directory: String? = nil,
        during: (CommandProcess) -> Void = { _ in }
    ) async -> Result {
        let result = Box()
        return await withCheckedContinuation { continuation in
            let process = CommandProcess(
                SpawnRequest(program: words[0], arguments: words, environment: environment, directory: directory),
                input: input,
                threadName: "test",
                callbacks: CommandProcess.Callbacks(
                    onOutput: { bytes in result.change { $0.output += bytes } },
                    onErrorOutput: { bytes in result.change { $0.errors += bytes } },
                    onEnd: { end in
                        result.change { $0.end = end }
                        continuation.resume(returning: result.value)
                    }
                )
            )
            during(process)
        }
    }

    private final class Box: Sendable {
        private let state = Mutex(Result())
        var value: Result { state.withLock { $0 } }
        func change(_ body: (inout sending Result) -> Void) { state.withLock { body(&$0) } }
    }

    @Test func inputAndOutput() async {
        let input = [UInt8](repeating: 7, count: 3_000_000)
        let result = await run(["cat"], input: input)
        #expect(result.output == input)
        #expect(result.status == .code(0))
    }

    @Test func aCommandThatDoesNotReadItsInput() async {
        let result = await run(["true"], input: [UInt8](repeating: 7, count: 3_000_000))
        #expect(result.status == .code(0))
    }

    @Test func whatACommandFinds() async {
        let script = "pwd; echo $A; echo oops >&2; ls /proc/self/fd | tr '\\n' ' '; exit 3"
        let result = await run(
            ["sh", "-c", script],
            environment: ["PATH": "/usr/bin:/bin", "A": "b c"],
            directory: "/usr"
        )
        #expect(result.text.hasPrefix("/usr\nb c\n0 1 2 3"))
        #expect(!result.text.contains(" 4"), "3 is that of ls; no descriptor of ours reaches a command")
        #expect(result.errors == Array("oops\n".utf8))
        #expect(result.status == .code(3))
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func signals(_ signal: Int32) async {
        let result = await run(["sleep", "60"]) { $0.kill(signal) }
        #expect(result.status == .signal(signal))
    }

    @Test func aSignalReachesTheWholeGroup() async throws {
        let began = ContinuousClock.now
        let result = await run(["sh", "-c", "sleep 60 & echo $!; wait"]) { process in
            Thread {
                Thread.sleep(forTimeInterval: 0.5)
                process.kill(SIGKILL)
            }.start()
        }
        #expect(ContinuousClock.now - began < .seconds(30), "the pipe was closed by both")
        let inner = try #require(Int32(result.text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(inner, 0) != 0 || ChildProcess.residentKiB(of: inner) == 0)
    }

    @Test func aProgramThatIsNotThere() async {
        let result = await run(["no-such-program"])
        guard case .notStarted(let error) = result.end else {
            Issue.record("it has started")
            return
        }
        #expect("\(error)" == "starting no-such-program: No such file or directory")
        #expect(await run(["/etc/passwd"]).status == nil)
        #expect(await run(["true"], directory: "/no/such/folder").status == nil)
    }

    @Test func aDaemonDoesNotKeepTheCommandOpen() async {
        let began = ContinuousClock.now
        let result = await run(["sh", "-c", "sleep 40 & echo done"])
        #expect(result.text == "done\n")
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test func framesThroughAChild() async throws {
        let child = try FramedChild()
        let big = [UInt8](repeating: 5, count: 2_000_000)
        child.send([1, 2, 3])
        child.send(big)
        let (frames, continuation) = AsyncStream<[UInt8]>.makeStream()
        let end = Mutex<FramedChild.End?>(nil)
        let request = SpawnRequest(program: "sh", arguments: ["sh", "-c", "exec cat <&3 >&3"], environment: [:])
        await withCheckedContinuation { ended in
            child.start(
                request,
                threadName: "test",
                FramedChild.Callbacks(
                    onFrame: { frame in
                        continuation.yield(frame)
                        if frame == big { child.close(within: .seconds(10)) }
                    },
                    onEnd: { status in
                        end.withLock { $0 = status }
                        continuation.finish()
                        ended.resume()
                    }
                )
            )
        }
        var found: [[UInt8]] = []
        for await frame in frames { found.append(frame) }
        #expect(found == [[1, 2, 3], big])
        guard case .ended(.code(0)) = end.withLock({ $0 }) else {
            Issue.record("it ended otherwise")
            return
        }
    }

    @Test func aChildThatDoesNotEndIsKilled() async throws {
        let child = try FramedChild()
        var request = SpawnRequest(program: "sleep", arguments: ["sleep", "60"], environment: [:])
        request.ignoresTermination = true
        let status = await withCheckedContinuation { ended in
            child.start(
                request,
                threadName: "test",
                FramedChild.Callbacks(onFrame: { _ in }, onEnd: { ended.resume(returning: $0) })
            )
            child.kill(SIGTERM)
            child.close(within: .milliseconds(300))
        }
        guard case .ended(.signal(SIGKILL)) = status else {
            Issue.record("it ended by \(status)")
            return
        }
    }

    @Test func names() {
        #expect("\(Connections.ExitStatus.code(1))" == "exitcode 1")
        #expect("\(Connections.ExitStatus.signal(9))" == "signal 9 (SIGKILL)")
        #expect("\(Connections.ExitStatus.signal(63))" == "signal 63")
        #expect(SignalName.number(of: "SIGKILL") == 9)
        #expect(SignalName.number(of: "term") == 15)
        #expect(SignalName.number(of: "NOPE") == nil)
        #expect(ChildProcess.residentKiB(of: getpid()).map { $0 > 1000 } == true)
        #expect(ChildProcess.residentKiB(of: -1) == nil)
    }
}
