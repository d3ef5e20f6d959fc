/// Chooses among numbered stores by `md5(name) mod n`, as deployments in Python compute it:
/// `int(hashlib.md5(name.encode()).hexdigest(), 16) % n`.
///
/// The order of the stores matters, and a store more or less moves nearly all names.
package struct ModuloRouter: Sendable, Hashable {
    /// The names of the stores; not empty.
    package let stores: [String]

    package init(stores: [String]) {
        precondition(!stores.isEmpty, "there must be a store to route to")
        self.stores = stores
    }

    package func store(for name: String) -> String { stores[index(of: name)] }

    func index(of name: String) -> Int { NameHash(name).remainder(dividingBy: stores.count) }
}
