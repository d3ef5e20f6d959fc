import ArgumentParser
import CeleryWorker
import Foundation

/// `--wait[=SECONDS]`, and how a result is shown.
struct ResultWait: ParsableArguments {
    private static let standard = 60
    private static let notInTime = ExitCode(2)

    @Option(name: .long, help: "Wait for the result, so many seconds at most; \(standard) if none are given.")
    var wait: Seconds?

    @Flag(name: [.customShort("t"), .long], help: "Show the traceback of a failed task.")
    var traceback = false

    /// Gives a bare `--wait` its value, unless the next word is one. ArgumentParser would take any next word.
    static func completed(_ arguments: [String]) -> [String] {
        arguments.enumerated().map { index, argument in
            guard argument == "--wait", !arguments[..<index].contains("--") else { return argument }
            let next = index + 1 < arguments.count ? Seconds(argument: arguments[index + 1]) : nil
            return next == nil ? "--wait=\(standard)" : argument
        }
    }

    /// Prints the value of a task as JSON.
    ///
    /// Exit status 1 with `error: ValueError: …` when it failed, 2 when it has not ended, or not in time.
    func show(_ result: AsyncResult<CeleryValue>) async throws {
        let meta: ResultMeta?
        do {
            meta = try await wait == nil ? result.meta() : result.ended(timeout: wait?.duration ?? .zero)
        } catch CeleryError.timedOut(let what) {
            throw Self.late("\(what): no result within the time allowed")
        }
        guard let meta else {
            throw Self.late("nothing is stored for task \(result.id): it waits, has expired, or never was; try --wait")
        }
        guard meta.status.isReady else {
            throw Self.late("task \(result.id) has not ended; its state is \(meta.status) \(Self.json(meta.result))")
        }
        guard meta.status == .success else { throw failure(meta) }
        print(Self.json(meta.result))
    }

    private func failure(_ meta: ResultMeta) -> ExitCode {
        if traceback, let text = meta.traceback { Self.complain(text) }
        guard let exception = meta.exception else {
            return Self.complain("error: task \(meta.taskID) ended as \(meta.status)", .failure)
        }
        let text = exception.pythonString
        return Self.complain("error: \(exception.className)\(text.isEmpty ? "" : ": \(text)")", .failure)
    }

    private static func late(_ text: String) -> ExitCode { complain("error: \(text)", notInTime) }

    private static func json(_ value: CeleryValue) -> String {
        String(decoding: JSONWriter.bytes(value), as: UTF8.self)
    }

    /// Writes a line to standard error.
    @discardableResult
    private static func complain(_ line: String, _ code: ExitCode = .failure) -> ExitCode {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
        return code
    }
}
