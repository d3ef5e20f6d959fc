import Hummingbird

/// Every page, action and API of the monitor: a new one is a line here.
enum Routes {
    static let pages: [any Page.Type] = [
        OverviewPage.self, AlertsPage.self, AuditPage.self,
    ]

    static let actions: [any Action.Type] = [
        AcknowledgeAlert.self, SilenceAlert.self, TestAlerts.self,
    ]

    static let apis: [any API.Type] = [
        // Flower's
        WorkersAPI.self, WorkerShutdownAPI.self, PoolRestartAPI.self, PoolGrowAPI.self, PoolShrinkAPI.self,
        PoolAutoscaleAPI.self, AddConsumerAPI.self, CancelConsumerAPI.self, TasksAPI.self, TaskTypesAPI.self,
        TaskInfoAPI.self, TaskApplyAPI.self, TaskAsyncApplyAPI.self, TaskSendAPI.self, TaskResultAPI.self,
        TaskAbortAPI.self, TaskTimeoutAPI.self, TaskRateLimitAPI.self, TaskRevokeAPI.self, QueueLengthsAPI.self,
        MetricsAPI.self, HealthcheckAPI.self,
        // Ours
        EventsAPI.self, OpenAPI.self, OverviewAPI.self, QueuesAPI.self, TaskPagesAPI.self, FindingsAPI.self,
        AlertsAPI.self, AuditAPI.self,
    ]
}
