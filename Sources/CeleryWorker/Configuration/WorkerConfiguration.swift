import Foundation
import Yams

/// All settings of a worker or a client, from queues.yaml, the environment and the command line, checked.
///
/// Layers: built-in defaults ← file ← environment (``ConfigKeys``) ← command line (``ConfigurationOverrides``).
public struct WorkerConfiguration: Sendable {
    /// The file that was read; nil when there was none.
    public var file: String?
    public var broker = BrokerSettings()
    public var resultBackend = ResultBackendSettings()
    public var management = ManagementSettings()
    public var worker = WorkerSettings()
    public var catalogue = QueueCatalogue.celeryDefault
    public var beat = BeatSettings()
    /// What ``SettingsSection``s read, by their keys.
    var sections: [String: any SettingsSection] = [:]
    /// The queues this worker consumes, after `-Q` and `-X`.
    public var consumedQueues: [QueueSettings] = QueueCatalogue.celeryDefault.queues
    /// Whether this worker takes its share of ``QueueCatalogue/partitions``, after `-Q` and `-X`.
    public var consumesPartitions = false
    /// What is odd but not wrong, one line each, to be logged at start.
    public var warnings: [String] = []

    /// Celery's defaults: `amqp://guest:guest@localhost:5672//`, queue `celery`, no results.
    public init() {}

    /// Reads the settings of this process.
    ///
    /// The file is `overrides.file`, else `CHARD_CONFIG`, else `queues.yaml` in `directory` if there is one, else none.
    /// `environment` nil: this process's. Throws `ConfigurationError` with every problem at once.
    public static func load(
        overrides: ConfigurationOverrides = ConfigurationOverrides(),
        environment: [String: String]? = nil,
        directory: String = "."
    ) throws(ConfigurationError) -> WorkerConfiguration {
        let environment = environment ?? ProcessInfo.processInfo.environment
        let named = overrides.file ?? environment[ConfigKeys.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
        let path = named ?? (directory == "." ? "queues.yaml" : "\(directory)/queues.yaml")
        guard named != nil || FileManager.default.fileExists(atPath: path) else {
            return try parse(nil, file: "queues.yaml", overrides: overrides, environment: environment)
        }
        let text: String
        do {
            text = try Self.contents(of: path)
        } catch {
            let option = overrides.file != nil ? "--config" : named != nil ? ConfigKeys.fileVariable : path
            throw ConfigurationError(problems: [
                ConfigurationProblem(source: option, key: "", message: "\(path) can't be read: \(error)")
            ])
        }
        return try parse(text, file: path, overrides: overrides, environment: environment)
    }

    /// Reads settings from the text of a queues.yaml; nil stands for no file.
    public static func parse(
        _ yaml: String?,
        file: String = "queues.yaml",
        overrides: ConfigurationOverrides = ConfigurationOverrides(),
        environment: [String: String] = [:]
    ) throws(ConfigurationError) -> WorkerConfiguration {
        let context = SettingsContext(file: file, environment: environment, overrides: overrides.values)
        let node = yaml.flatMap { YAMLDocument.compose($0, context: context) }
        let configuration = WorkerConfiguration(
            reading: SettingsReader(node, path: "", line: nil, known: ConfigKeys.Root.allowed, context: context),
            file: yaml == nil ? nil : file
        )
        try context.throwProblems()
        return configuration
    }

    private init(reading root: SettingsReader, file: String?) {
        let keys = ConfigKeys.Root.self
        self.file = file
        broker = BrokerSettings(reading: root.section(keys.broker, known: ConfigKeys.Broker.all))
        resultBackend = ResultBackendSettings(
            reading: root.section(keys.resultBackend, known: ConfigKeys.ResultBackend.all)
        )
        management = ManagementSettings(reading: root.section(keys.management, known: ConfigKeys.Management.all))
        let workerReader = root.section(keys.worker, known: ConfigKeys.Worker.all)
        worker = WorkerSettings(reading: workerReader)
        catalogue = QueueCatalogue(reading: root, worker: worker)
        consumesPartitions = Self.consumesPartitions(catalogue, worker)
        consumedQueues = Self.consumedQueues(catalogue, worker, workerReader)
        beat = BeatSettings(reading: root.section(keys.beat, known: ConfigKeys.Beat.all))
        for section in SettingsSections.all {
            sections[section.key.name] = section.init(reading: root.section(section.key, known: section.known))
        }
        warnOfPolicies(root.context)
        root.context.warnOfUnknownVariables()
        warnings = root.context.warnings
    }

    /// Celery's `Queues.select` and `deselect` (`celery/app/amqp.py`): unknown names are made, or refused.
    private static func consumedQueues(
        _ catalogue: QueueCatalogue,
        _ worker: WorkerSettings,
        _ reader: SettingsReader
    ) -> [QueueSettings] {
        let keys = ConfigKeys.Worker.self
        let exchange = catalogue.partitions?.exchange
        let known = catalogue.queues.map(\.name) + [exchange].compactMap { $0 }
        var selected: [QueueSettings] = []
        for value in reader.values(keys.queues) ?? []
        where value.text != exchange && !selected.contains(where: { $0.name == value.text }) {
            if let objection = QueueNames.objection(to: value.text) {
                reader.problem(objection, keys.queues, at: value)
            } else if catalogue[value.text] == nil, !worker.createMissingQueues {
                let hint = Suggestion.text(for: value.text, among: known)
                reader.problem(
                    "unknown queue \(value.quoted), and create_missing_queues is false; \(hint)",
                    keys.queues,
                    at: value
                )
            } else {
                if catalogue[value.text] == nil, let near = Suggestion.nearest(to: value.text, among: known) {
                    reader.context.warning(
                        "queue \"\(value.text)\" is not in the settings and is made; did you mean \"\(near)\"?"
                    )
                }
                selected.append(catalogue.queue(named: value.text))
            }
        }
        let chosen = worker.queues == nil ? catalogue.queues : selected
        for name in worker.excludeQueues where name != exchange && !chosen.contains(where: { $0.name == name }) {
            reader.context.warning("excluded queue \"\(name)\" is not among those consumed")
        }
        let rest = chosen.filter { !worker.excludeQueues.contains($0.name) }
        if rest.isEmpty, !consumesPartitions(catalogue, worker), !chosen.isEmpty || worker.queues?.isEmpty == true {
            let key = chosen.isEmpty ? keys.queues : keys.excludeQueues
            reader.problem("no queue is left to consume", key)
        }
        return rest
    }

    /// By default and when `-Q` names the exchange, unless `-X` does.
    private static func consumesPartitions(_ catalogue: QueueCatalogue, _ worker: WorkerSettings) -> Bool {
        guard let exchange = catalogue.partitions?.exchange else { return false }
        return worker.queues?.contains(exchange) ?? true && !worker.excludeQueues.contains(exchange)
    }

    private func warnOfPolicies(_ context: SettingsContext) {
        for queue in catalogue.queues where queue.replication == .mirrored {
            context.warning(
                "queue \(queue.name): mirroring exists in RabbitMQ up to 3.13 only; later versions need quorum"
            )
            break
        }
        let needing = catalogue.queues.filter {
            $0.replication == .mirrored || $0.messageTTL != nil || $0.maxLength != nil
        }
        if management.url == nil, !needing.isEmpty {
            let names = needing.map(\.name).joined(separator: ", ")
            context.warning("no management.url is set, so policies must be set by hand for: \(names)")
        }
    }

    private static func contents(of path: String) throws(FileProblem) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FileProblem(text: "no such file, or no permission")
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: YAMLDocument.maxBytes + 1) else {
            throw FileProblem(text: "not a readable file")
        }
        guard let text = String(validating: data, as: UTF8.self) else { throw FileProblem(text: "not UTF-8 text") }
        return text
    }

    private struct FileProblem: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }
}
