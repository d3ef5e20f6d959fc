import CeleryProtocol

/// `hello`: another worker has come up and tells which tasks it knows to be revoked; it is told ours, and the time.
struct HelloCommand: ControlCommand {
    static let names = ["hello"]
    let from_node: String
    /// Ids, or a map of ids to what older workers say of them.
    let revoked: CeleryValue?

    func run(on core: WorkerCore) -> CeleryValue? {
        guard from_node != core.nodename else { return .null }
        core.logger.info("sync with \(from_node)")
        core.revocations.merge(revoked)
        return [
            "revoked": .array(core.revocations.snapshot.map(CeleryValue.string)),
            "clock": .int(core.clock.forward()),
        ]
    }
}
