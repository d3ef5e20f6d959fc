/// What two servers compare of a tenant's rows: their number and the sum of their ids.
struct TenantCount: Sendable, Equatable {
    let rows: Int
    let ids: String
}
