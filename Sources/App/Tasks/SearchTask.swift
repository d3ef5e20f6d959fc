import CeleryWorker
import TenantStore

/// `data.processing.search(tenant_id, collection, text=None, vector=None, limit=10, where=None, model=None)` finds what
/// is nearest to a text or a vector in a tenant's collection, over all stores that hold it.
///
/// It returns `{"matches": [{"id", "score", "document", "metadata"}]}`, nearest first. `where` narrows by metadata:
/// `{"topic": "x", "year": {"$gte": 2020}}`; see ``WhereArgument``.
struct SearchTask: CeleryTask {
    typealias Output = CeleryValue

    static let name = "data.processing.search"

    var tenantID: Int
    var collection: String
    var text: String?
    var vector: [Double]?
    var limit: Int?
    var filter: CeleryValue?
    var model: String?

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case collection
        case text
        case vector
        case limit
        case filter = "where"
        case model
    }

    func run(_ stores: Stores, _ context: TaskContext) async throws -> CeleryValue {
        let name = try TenantCollection.name(collection, of: tenantID)
        let filter = try WhereArgument.filter(filter)
        guard (text == nil) != (vector == nil) else { throw ExceptionRecord.valueError("give either text or vector") }
        let matches = try await context.attempt {
            let nearest =
                if let vector { vector.map(Float.init) } else {
                    try await stores.embed([text ?? ""], model: model).first ?? []
                }
            return try await stores.vectors().search(nearest, in: name, limit: limit ?? 10, where: filter)
        }
        return ["matches": .array(matches.map(Self.value))]
    }

    private static func value(_ match: VectorMatch) -> CeleryValue {
        let metadata = match.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value.celeryValue) }
        return [
            "id": .string(match.id), "score": .double(match.score),
            "document": match.document.map(CeleryValue.string) ?? .null,
            "metadata": .map(CeleryMap(uniqueKeysWithValues: metadata)),
        ]
    }
}
