import Hummingbird

/// Every page, action and API of the monitor: a new one is a line here.
enum Routes {
    static let pages: [any Page.Type] = [
        OverviewPage.self, AuditPage.self,
        QueuesPage.self, QueuePage.self, DeadLettersPage.self, DeadQueuePage.self, DeadLetterPage.self,
        SchedulesPage.self, ShardsPage.self, BrokerPage.self,
    ]

    static let actions: [any Action.Type] = [
        PauseQueue.self, ResumeQueue.self, PurgeQueue.self,
        RequeueDeadLetters.self, DropDeadLetters.self, EditDeadLetter.self, CancelDeadJob.self,
    ]

    static let apis: [any API.Type] = [
        DeadLetterAPI.self, SituationAPI.self,
    ]
}
