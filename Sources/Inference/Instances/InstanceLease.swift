/// The right to make one call to an instance; `end` gives it back, once.
struct InstanceLease: Sendable {
    let member: PoolMember
    /// The probe of the member's breaker, if this call is one.
    let probe: String?
    let pool: InstancePool

    /// - Parameter success: What the call says of the instance; nil: nothing.
    func end(success: Bool?) async {
        pool.release(member)
        if let probe {
            await member.breaker.endProbe(probe, success: success)
        } else if let success {
            member.breaker.record(success: success)
        }
    }
}
