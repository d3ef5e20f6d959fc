import Connections
import Foundation

/// The right to move points of one collection, which keeps writers off until it is released or runs out.
struct MoveLease: Sendable {
    let rebalance: VectorRebalance
    let collection: String
    private let token = UUID().uuidString

    init(rebalance: VectorRebalance, collection: String) {
        self.rebalance = rebalance
        self.collection = collection
    }

    private var options: VectorsOptions { rebalance.vectors.options }
    private var coordination: any VectorCoordination { rebalance.coordination }

    /// Returns when no writer is busy any more: those that died are waited for until their leases run out.
    func take() async throws {
        let deadline = MonotonicTime.now.advanced(by: options.lease * 2)
        while true {
            let busy = try await coordination.beginMove(collection, token: token, lease: options.lease)
            if busy == 0 { return }
            guard MonotonicTime.now < deadline else {
                throw VectorError(.moving(collection), "writes to \"\(collection)\" do not end; try again later")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Renews it. Throws when it ran out and is somebody else's, or nobody's: then a writer may have been let in.
    func check() async throws {
        guard try await coordination.holdsMove(collection, token: token),
            try await coordination.beginMove(collection, token: token, lease: options.lease) == 0
        else {
            throw VectorError(.moving(collection), "moving \"\(collection)\" took longer than its lease; run it again")
        }
    }

    func release() async {
        await coordination.endMove(collection, token: token)
    }
}
