/// When calls to an instance are given up for a while.
package struct BreakerSettings: Sendable, Hashable {
    /// The span of time whose calls count. Default 1 min.
    package var window: Duration = .seconds(60)
    /// The share of failed calls that opens it. Default 0.5.
    package var errorRate = 0.5
    /// Below so many calls in the window it never opens. Default 10.
    package var minimumCalls = 10
    /// How long it stays open before one call is let through to try. Default 30 s.
    package var openFor: Duration = .seconds(30)

    package init() {}
}
