import CeleryWorker

/// Collections of vectors that belong to tenants: `tenant-<id>-<name>`.
enum TenantCollection {
    private static let maxBytes = 100

    /// The name under which the vector stores know a tenant's collection.
    ///
    /// - Throws: `ExceptionRecord`: a Python `ValueError`.
    static func name(_ collection: String, of tenant: Int) throws -> String {
        let isPlain = collection.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                || [0x2D, 0x2E, 0x5F].contains(byte)
        }
        let hasPlainEnd = collection.last.map { $0.isLetter || $0.isNumber } ?? false
        guard isPlain, hasPlainEnd, collection.utf8.count <= maxBytes, tenant >= 0 else {
            throw ExceptionRecord.valueError(
                "\"\(collection.prefix(60))\" can't name a collection: write up to \(maxBytes) of a-z, A-Z, 0-9, '.', '_' and "
                    + "'-', the last a letter or digit"
            )
        }
        return prefix(of: tenant) + collection
    }

    /// What the names of all collections of a tenant begin with.
    static func prefix(of tenant: Int) -> String { "tenant-\(tenant)-" }
}
