/// How collections are kept, apart from which stores there are.
package struct VectorsOptions: Sendable {
    /// What the settings ask for. The layout in force may differ until `VectorRebalance` has run.
    package var layout: VectorLayout
    /// For collections that are made.
    package var metric = VectorMetric.cosine
    /// The limit of one request to a store. Default 10 s.
    package var callTimeout: Duration = .seconds(10)
    /// How long a worker goes by what it knows of the layout before it asks again. Default 2 s.
    package var stateLifetime: Duration = .seconds(2)
    /// How long a write waits while its collection is being moved. Default 30 s.
    package var moveWait: Duration = .seconds(30)
    /// How long a rebalance that died keeps the next one off. Default 15 s.
    package var rebalanceLease: Duration = .seconds(15)
    /// Points that are written, or moved, in one request.
    package var writeBatch = 1_000
    package var moveBatch = 100

    package init(layout: VectorLayout) { self.layout = layout }

    /// A write under a lease makes at most these calls: one to each of two stores, a collection made, all repeated.
    var lease: Duration { callTimeout * 8 }
}
