import Crypto
import Foundation

/// The MD5 digest of a name's UTF-8, by which names are spread over stores. It protects nothing: it only has to be the
/// same everywhere, as Python's `hashlib.md5(name.encode())` is.
struct NameHash {
    private let digest: Insecure.MD5.Digest

    init(_ name: String) {
        digest = Insecure.MD5.hash(data: Data(name.utf8))
    }

    /// Python's `int(hexdigest, 16) % divisor`: the 128 bits as one unsigned number.
    func remainder(dividingBy divisor: Int) -> Int {
        let divisor = UInt64(divisor)
        // At most 2³² stores, so that no step overflows.
        precondition(divisor > 0 && divisor <= 1 << 32)
        return Int(digest.reduce(UInt64(0)) { ($0 << 8 | UInt64($1)) % divisor })
    }

    /// The first 64 bits, for a place on a ring.
    var prefix: UInt64 { digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
