import CeleryProtocol
import Connections
import Foundation
import OrderedCollections

/// `report`: what a bug report should say, laid out as Celery's (`celery/app/utils.py`, `bugreport`).
struct ReportCommand: ControlCommand {
    static let names = ["report"]
    static let ignoresUnknownArguments = false

    func run(on core: WorkerCore) -> CeleryValue? { .ok(Self.text(core.configuration)) }

    /// The `software -> celery:` that scripts look for names the version whose protocol is spoken.
    static func text(_ configuration: WorkerConfiguration) -> String {
        let settings = CelerySettings.masked(CelerySettings.map(configuration))
        let lines = settings.map { "\($0.key): \(PythonRepr.full($0.value))" }
        return """

            software -> celery:5.7.0 (protocol) chard:\(ChardVersion.current) swift:\(compiler)
            platform -> system:Linux arch:\(architecture)
                        kernel version:\(kernel) imp:Swift
            loader   -> chard
            settings -> transport:amqp results:\(settings["result_backend"]?.stringValue ?? "disabled")

            \(lines.joined(separator: "\n"))

            """
    }

    private static var kernel: String {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        return text.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? "unknown"
    }

    private static var architecture: String {
        #if arch(x86_64)
        "x86_64"
        #elseif arch(arm64)
        "aarch64"
        #else
        "unknown"
        #endif
    }

    /// The oldest compiler that this was built with.
    private static var compiler: String {
        #if compiler(>=6.4)
        "6.4"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }
}
