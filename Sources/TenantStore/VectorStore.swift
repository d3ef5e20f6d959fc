/// One server that keeps collections of vectors. Implementations stand in `VectorStores/`, chosen by the URL's scheme.
///
/// Everything may be called at once from anywhere, and may be repeated: doing it twice is doing it once. What is
/// written is found by searches as soon as the call returns. Names, points and filters have been checked
/// (``VectorRules``). Every call throws ``VectorError`` or `CancellationError`; those that name a collection throw
/// `unknownCollection` when it is not there, unless they say otherwise.
package protocol VectorStore: Sendable {
    /// As the settings name it.
    var name: String { get }
    /// Its URL, without secrets.
    var address: String { get }

    /// Throws when it can't serve now.
    func check() async throws

    /// All collections, in the order of their names.
    func collections() async throws -> [VectorCollection]

    /// nil when there is no such collection.
    func describe(_ collection: String) async throws -> VectorCollection?

    /// Makes the collection if it is not there; gives the one that is.
    func create(_ collection: VectorCollection) async throws -> VectorCollection

    /// False when there was none.
    func deleteCollection(_ collection: String) async throws -> Bool

    /// Writes points in place of those of the same ids.
    func upsert(_ points: [VectorPoint], into collection: String) async throws

    /// Writes the points whose ids are not there, and leaves the others as they are. It need not be atomic: two calls
    /// at once for the same id are the caller's to prevent.
    func add(_ points: [VectorPoint], into collection: String) async throws

    /// The points of those ids that are there, in no order. Vectors of a cosine collection may come back at length one.
    func points(_ ids: [String], in collection: String) async throws -> [VectorPoint]

    /// The ids of all points that are there throughout the call, each once, in no order.
    func ids(in collection: String) async throws -> [String]

    /// The nearest points by the collection's metric, nearest first; equal scores in any order.
    func search(
        _ vector: [Float],
        in collection: String,
        limit: Int,
        where filter: VectorFilter?
    ) async throws -> [VectorMatch]

    /// Ids that are not there are no error.
    func delete(ids: [String], from collection: String) async throws

    func count(_ collection: String) async throws -> Int
}
