/// What somebody may do. An operator may do all that a viewer may.
enum Role: String, Sendable, CaseIterable, Comparable {
    case viewer
    case operator_ = "operator"

    static func < (one: Role, other: Role) -> Bool { one == .viewer && other == .operator_ }
}
