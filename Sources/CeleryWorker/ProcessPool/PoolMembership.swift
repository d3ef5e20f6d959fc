import Connections
import Foundation
import Glibc

/// What a worker tells the process that it starts as its child, in an environment variable.
///
/// Only the library reads it, and takes it out of the environment, so that programs which a task starts do not take
/// themselves for children.
struct PoolMembership: Sendable, Hashable {
    static let variable = "CHARD_POOL_CHILD"

    var descriptor = FramedChild.childDescriptor
    var parent: Int32
    /// Counts the children of a worker from 1.
    var number: Int

    /// This process's; nil for a process that is no child.
    static let current: PoolMembership? = {
        guard let text = ProcessInfo.processInfo.environment[variable] else { return nil }
        unsetenv(variable)
        return PoolMembership(text)
    }()

    init(parent: Int32, number: Int) {
        self.parent = parent
        self.number = number
    }

    init?(_ text: String) {
        let fields = text.split(separator: ":")
        guard fields.count == 3, let descriptor = Int32(fields[0]), let parent = Int32(fields[1]),
            let number = Int(fields[2])
        else { return nil }
        self.descriptor = descriptor
        self.parent = parent
        self.number = number
    }

    var text: String { "\(descriptor):\(parent):\(number)" }

    /// As log lines name the process, `MainProcess` for one that is no child.
    static let processName = current.map { "PoolWorker-\($0.number)" } ?? "MainProcess"
}
