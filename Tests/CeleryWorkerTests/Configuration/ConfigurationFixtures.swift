import Testing

@testable import CeleryWorker

/// The problems of a settings text, as a user would read them; empty when it is accepted.
func problems(
    _ yaml: String?,
    environment: [String: String] = [:],
    overrides: ConfigurationOverrides = ConfigurationOverrides()
) -> [String] {
    do {
        _ = try WorkerConfiguration.parse(yaml, overrides: overrides, environment: environment)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

func configuration(
    _ yaml: String?,
    environment: [String: String] = [:],
    overrides: ConfigurationOverrides = ConfigurationOverrides()
) throws -> WorkerConfiguration {
    try WorkerConfiguration.parse(yaml, overrides: overrides, environment: environment)
}

let fourQueues = """
    queues:
      inference: {routes: ["ai.inference.*"], routing_key: ai.inference, priority: 10}
      health: {routes: ["system.health.*"], routing_key: system.health, priority: 8}
      processing: {routes: ["data.processing.*"], routing_key: data.proc, priority: 5}
      training: {routes: ["ai.training.*"], routing_key: ai.training, priority: 3}
    """
