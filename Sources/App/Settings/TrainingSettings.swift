import CeleryWorker
import Connections

/// What `ai.training.train` may run, and where checkpoints go (`training:` in queues.yaml).
struct TrainingSettings: SettingsSection {
    static let key = TrainingKeys.section
    static let known: [ConfigKey]? = TrainingKeys.all

    var recipes: [String: TrainingRecipe] = [:]
    /// A folder that all workers share; nil: checkpoints are kept in Redis.
    var checkpointDirectory: String?
    /// Bytes of the largest parameters, as JSON.
    var parametersLimit = 1 << 20

    init(reading reader: SettingsReader) {
        let section = reader.section(TrainingKeys.recipes, known: nil)
        for name in section.names {
            let recipe = section.section(named: name, known: TrainingKeys.Recipe.all)
            recipes[name] = TrainingRecipe(name, reading: recipe)
        }
        checkpointDirectory = reader.text(TrainingKeys.checkpointDirectory)?.text
        parametersLimit = reader.size(TrainingKeys.parametersLimit, in: 1024...(64 << 20)) ?? parametersLimit
    }
}

extension TrainingRecipe {
    private typealias Keys = TrainingKeys.Recipe

    /// Nil when there is no command.
    init?(_ name: String, reading reader: SettingsReader) {
        guard let command = reader.values(Keys.command)?.map(\.text), command.first?.isEmpty == false else {
            reader.problem("must be a list of a program and its arguments, e.g. [python3, train.py]", Keys.command)
            return nil
        }
        self.init(name: name, command: command)
        let times: ClosedRange<Duration> = .milliseconds(1) ... .seconds(365 * 86_400)
        directory = reader.text(Keys.directory)?.text
        environment = Self.environment(reader.section(Keys.environment, known: nil))
        parameters = reader.values(Keys.parameters)?.map(\.text)
        limits.cpus = reader.integer(Keys.cpus, in: 1...1024)
        limits.memory = reader.size(Keys.memory, in: (16 << 20)...(16 << 40))
        limits.cpuTime = reader.duration(Keys.cpuTime, in: .seconds(1) ... .seconds(365 * 86_400))
        timeLimit = reader.duration(Keys.timeLimit, in: times)
        hasCheckpoints = reader.flag(Keys.checkpoint) ?? true
        stopTime = reader.duration(Keys.stopTime, in: .zero ... .seconds(3600)) ?? stopTime
        maxOutput = reader.size(Keys.maxOutput, in: 1024...(256 << 20)) ?? maxOutput
    }

    private static func environment(_ reader: SettingsReader) -> [String: String] {
        var variables: [String: String] = [:]
        for name in reader.names {
            // Not to be overridden by environment variables of their own.
            variables[name] = reader.value(ConfigKey(name, "", isScalar: false))?.text
        }
        return variables
    }
}
