import CeleryWorker
import TenantStore

/// The argument `where` of a search, in the form that users of Chroma and MongoDB write: `{"key": value}`,
/// `{"key": {"$gt": 1, "$lt": 5}}` with `$eq`, `$ne`, `$in`, `$nin`, `$gt`, `$gte`, `$lt`, `$lte`, and `$and`, `$or` with
/// lists of the same. Several keys must all hold.
enum WhereArgument {
    /// - Throws: `ExceptionRecord`: a Python `ValueError`.
    static func filter(_ value: CeleryValue?, depth: Int = 0) throws -> VectorFilter? {
        guard let value, !value.isNull else { return nil }
        guard let map = value.mapValue, depth < 16 else {
            throw ExceptionRecord.valueError(
                "where must be a map such as {\"topic\": \"x\"}, not \(value.pythonTypeName)"
            )
        }
        let parts = try map.flatMap { key, value in try part(key, value, depth) }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? nil : .all(parts)
    }

    private static func part(_ key: String, _ value: CeleryValue, _ depth: Int) throws -> [VectorFilter] {
        if key == "$and" || key == "$or" {
            guard let list = value.arrayValue, !list.isEmpty else {
                throw ExceptionRecord.valueError("where: \(key) needs a list of conditions")
            }
            let filters = try list.map { try filter($0, depth: depth + 1) ?? .all([]) }
            return [key == "$and" ? .all(filters) : .any(filters)]
        }
        guard case .map(let operators) = value else { return [.equal(key, try single(value, key))] }
        return try operators.map { try condition(key, $0.key, $0.value) }
    }

    private static func condition(_ key: String, _ sign: String, _ value: CeleryValue) throws -> VectorFilter {
        switch sign {
        case "$eq": return .equal(key, try single(value, key))
        case "$ne": return .notEqual(key, try single(value, key))
        case "$in": return .among(key, try list(value, key))
        case "$nin": return .notAmong(key, try list(value, key))
        case "$gt": return .greater(key, try number(value, key))
        case "$gte": return .atLeast(key, try number(value, key))
        case "$lt": return .less(key, try number(value, key))
        case "$lte": return .atMost(key, try number(value, key))
        default:
            throw ExceptionRecord.valueError(
                "where: unknown operator \"\(sign.prefix(40))\" for \"\(key.prefix(60))\"; known: $eq, $ne, $in, $nin, $gt, "
                    + "$gte, $lt, $lte"
            )
        }
    }

    private static func single(_ value: CeleryValue, _ key: String) throws -> VectorValue {
        guard let single = VectorValue(value) else {
            throw ExceptionRecord.valueError("where: \"\(key.prefix(60))\" needs a text, a number or a bool")
        }
        return single
    }

    private static func list(_ value: CeleryValue, _ key: String) throws -> [VectorValue] {
        guard let list = value.arrayValue else {
            throw ExceptionRecord.valueError("where: \"\(key.prefix(60))\" needs a list")
        }
        return try list.map { try single($0, key) }
    }

    private static func number(_ value: CeleryValue, _ key: String) throws -> Double {
        guard let number = value.doubleValue else {
            throw ExceptionRecord.valueError("where: \"\(key.prefix(60))\" needs a number")
        }
        return number
    }
}
