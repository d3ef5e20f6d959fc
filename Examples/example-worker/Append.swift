import CeleryWorker
import Foundation

/// Appends a line to a file, so that runs can be counted. What it does is registered with it, in ExampleWorker.swift.
struct Append: CeleryTask {
    static let name = "examples.append"

    var path: String
    var line: String
}

/// Appends lines to files, whole, whoever else does the same.
struct LineFiles: Sendable {
    func append(_ line: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ExceptionRecord.builtin(
                "OSError",
                "can't open \(path): \(POSIXError.Code(rawValue: errno).map { "\($0)" } ?? "?")"
            )
        }
        // One write of a few bytes to a file opened with O_APPEND is never mixed with another's.
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        defer { close(descriptor) }
        try file.write(contentsOf: Data("\(line)\n".utf8))
    }
}
