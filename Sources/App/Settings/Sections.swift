import CeleryMonitor
import CeleryWorker

/// The sections of queues.yaml that belong to the tasks of `chard` rather than to every worker.
enum Sections {
    static let all: [any SettingsSection.Type] = [
        ShardSettings.self, VectorSettings.self, StateSettings.self, InferenceSettings.self, TrainingSettings.self,
        MonitorSettings.self,
    ]
}
