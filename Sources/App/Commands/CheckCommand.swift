import ArgumentParser
import CeleryWorker
import Connections

/// `chard check`: settings, broker, queues and result backend: what is wrong and how to mend it.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check settings, broker, queues and result backend. Exit status 1 if anything is wrong."
    )

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let configuration = try settings.load()
        var findings = Self.settings(configuration)
        findings += await CheckBroker.findings(configuration)
        findings += await CheckResultBackend.findings(configuration.resultBackend)
        var table = TextTable("state", "what", "finding")
        for finding in findings {
            table.add(finding.level == .problem ? "PROBLEM" : finding.level.rawValue, finding.subject, finding.text)
        }
        table.show()
        let count = findings.count { $0.level == .problem }
        guard count == 0 else {
            print("\n\(count) problem\(count == 1 ? "" : "s")")
            throw ExitCode.failure
        }
    }

    private static func settings(_ configuration: WorkerConfiguration) -> [SettingsCheck.Finding] {
        let names = configuration.catalogue.queues.map(\.name).joined(separator: ", ")
        let partitions = configuration.catalogue.partitions.map { ", \($0.count) partitions \($0.exchange)" } ?? ""
        let file = configuration.file ?? "none, so Celery's defaults hold"
        return [.init(.ok, "settings", "\(file): queues \(names)\(partitions)")]
            + configuration.warnings.map { .init(.note, "settings", $0) }
    }
}
