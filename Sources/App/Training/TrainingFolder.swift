import Foundation

/// A folder of one run's own, in which the recipe leaves its checkpoint.
struct TrainingFolder: Sendable {
    let path: String
    /// What the recipe finds in `CHARD_CHECKPOINT`.
    var checkpoint: String { path + "/checkpoint" }

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/chard-training-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
