import CeleryProtocol

extension History {
    func metrics() async throws -> (rows: [MetricRow], events: Int) { ([], 0) }
    func add(_ changes: MetricChanges) async throws {}
    func children(of ids: [String]) async throws -> [String: [String]] { [:] }
}
extension Monitor {
    func redacted(_ task: TaskRecord) -> TaskRecord { task }
}
extension Monitor {
    func redacted(_ event: CeleryMap) -> CeleryMap { event }
}
