import Hummingbird

/// Every page, action and API of the monitor: a new one is a line here.
enum Routes {
    static let pages: [any Page.Type] = [
        OverviewPage.self,
        WorkersPage.self,
        WorkerPage.self,
        TasksPage.self,
        TaskDetailPage.self,
        WorkflowsPage.self,
        WorkflowPage.self,
    ]

    static let actions: [any Action.Type] = [
        TaskRetry.self,
        TaskRevoke.self,
        TaskAbort.self,
        TasksRetry.self,
        TasksRevoke.self,
        WorkerShutdown.self,
        WorkerPoolRestart.self,
        WorkerPoolGrow.self,
        WorkerPoolShrink.self,
        WorkerAutoscale.self,
        WorkerAddConsumer.self,
        WorkerCancelConsumer.self,
        WorkerRateLimit.self,
        WorkerTimeLimit.self,
        WorkerEvents.self,
        WorkerForget.self,
        WorkerForgetDead.self,
    ]
}
