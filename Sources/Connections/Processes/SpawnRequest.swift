import CProcess
import Glibc

/// The program of a new process, and what it finds there.
package struct SpawnRequest: Sendable {
    /// With a `/`: a path, seen from `directory`. Without: looked for in the `PATH` of `environment`.
    package var program: String
    /// All arguments, the program's own name first.
    package var arguments: [String]
    package var environment: [String: String]
    /// Nil: this process's.
    package var directory: String?
    /// Whether SIGTERM and SIGINT have no effect until the program says otherwise.
    package var ignoresTermination = false
    /// Whether it goes on when this process dies; otherwise it is killed.
    package var outlivesParent = false
    package var limits = ProcessLimits()

    package init(program: String, arguments: [String], environment: [String: String], directory: String? = nil) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }

    /// Another process of this very executable, also when its file has been replaced meanwhile.
    package static func itself(arguments: [String], environment: [String: String]) -> SpawnRequest {
        SpawnRequest(program: "/proc/self/exe", arguments: arguments, environment: environment)
    }

    /// The path to run: the first executable file of that name in the `PATH`.
    private var path: String {
        guard !program.contains("/") else { return program }
        for folder in (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
            let candidate = "\(folder)/\(program)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        return program
    }

    /// Starts it; `descriptors` become its 0, 1, 2, …, and it has no others.
    ///
    /// It is killed when the calling thread ends, so this must be called on a thread that outlives it.
    func spawn(_ descriptors: [Int32]) throws(ProcessError) -> Int32 {
        // A NUL would cut a text short in the other process.
        guard !(arguments + [path]).contains(where: { $0.utf8.contains(0) }) else {
            throw ProcessError("starting \(program)", code: EINVAL)
        }
        let variables = environment.map { "\($0.key)=\($0.value)" }.filter { !$0.utf8.contains(0) }
        let pid = Self.withCStrings(arguments) { arguments in
            Self.withCStrings(variables) { environment in
                path.withCString { path in
                    descriptors.withUnsafeBufferPointer { descriptors in
                        start(path, arguments, environment, descriptors)
                    }
                }
            }
        }
        guard pid > 0 else { throw ProcessError("starting \(program)", code: -pid) }
        return pid
    }

    private func start(
        _ path: UnsafePointer<CChar>,
        _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ descriptors: UnsafeBufferPointer<Int32>
    ) -> Int32 {
        let cpus = limits.chosenCPUs()
        func call(_ directory: UnsafePointer<CChar>?) -> Int32 {
            cpus.withUnsafeBufferPointer { call(directory, $0) }
        }
        func call(_ directory: UnsafePointer<CChar>?, _ cpus: UnsafeBufferPointer<UInt>) -> Int32 {
            var request = chard_spawn_request(
                path: path,
                arguments: arguments,
                environment: environment,
                directory: directory,
                descriptors: descriptors.baseAddress,
                descriptor_count: Int32(descriptors.count),
                ignores_termination: ignoresTermination ? 1 : 0,
                outlives_parent: outlivesParent ? 1 : 0,
                memory: UInt64(limits.memory ?? 0),
                cpu_seconds: limits.cpuSeconds,
                cpus: cpus.isEmpty ? nil : cpus.baseAddress,
                cpus_size: Int32(cpus.count * MemoryLayout<UInt>.size)
            )
            return chard_spawn(&request)
        }
        return directory?.withCString { call($0) } ?? call(nil)
    }

    private static func withCStrings<Value>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
    ) -> Value {
        var pointers = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { body(UnsafePointer($0.baseAddress!)) }
    }
}
