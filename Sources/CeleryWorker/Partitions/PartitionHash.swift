import Crypto
import Foundation

/// Which partition an agent belongs to: `int(md5(agent_id as UTF-8) in hex, 16) % count`.
///
/// Any client can compute it without asking anybody, and it is DESIGN §7's way of hashing names. It never changes:
/// messages of an agent that wait under one number must not be passed by later ones under another.
package enum PartitionHash {
    /// - Parameters:
    ///   - agent: Taken byte by byte, without Unicode normalization.
    ///   - count: How many partitions there are; at least 1.
    /// - Returns: From 0 to `count - 1`.
    package static func partition(of agent: String, count: Int) -> Int {
        Insecure.MD5.hash(data: Data(agent.utf8)).reduce(0) { rest, byte in (rest * 256 + Int(byte)) % count }
    }
}
