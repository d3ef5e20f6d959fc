/// Every rule; a new one is a line here.
enum AlertRules {
    static let all: [any AlertRule.Type] = [
        ErrorRateRule.self, OldestMessageRule.self, NoConsumerRule.self, DeadLettersRule.self, WorkerLostRule.self,
        WorkerCPURule.self, WorkerMemoryRule.self, CacheHitsRule.self, RedisLagRule.self, ScheduleRule.self,
        BrokerAlarmRule.self, BrokerNodeRule.self, BrokerSilentRule.self,
    ]
}
