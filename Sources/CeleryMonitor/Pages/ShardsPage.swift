/// The stores behind the tasks: PostgreSQL's shards, vector stores, and what they hold.
struct ShardsPage: Page {
    struct Server: Sendable {
        var serverName: String
        var serverKind: String
        var serverAddress: String
        var serverProblem: String?
        var serverFacts: [FactGroup.Fact]
    }

    struct Table: Sendable {
        var tableTitle: String
        var tableColumns: [String]
        var tableRows: [Row]
        var tableMore: String?
    }

    struct Row: Sendable {
        var rowHead: String
        var rowCells: [Cell]
    }

    struct Cell: Sendable {
        var cellLabel: String
        var cellText: String
    }

    struct Model: Sendable {
        var servers: [Server]
        var tables: [Table]
        var isEmpty: Bool
    }

    static let path = "/shards"
    static let template = "shards"
    static let section: Section? = .shards
    private static let mostRows = 500

    init(_ request: PageRequest) throws(PageError) {}

    var topics: Set<Topic> { [.every(seconds: 10)] }

    func title(_ model: Model) -> String { "Shards" }

    func model(_ monitor: Monitor) async throws -> Model {
        guard let shards = monitor.shards else { return Model(servers: [], tables: [], isEmpty: true) }
        let report = await shards.report()
        return Model(
            servers: report.servers.map { server in
                Server(
                    serverName: server.name,
                    serverKind: server.kind,
                    serverAddress: server.address,
                    serverProblem: server.problem,
                    serverFacts: server.facts.map { FactGroup.Fact(factName: $0.label, factValue: $0.value) }
                )
            },
            tables: report.tables.filter { !$0.rows.isEmpty }.map(Self.table),
            isEmpty: report.servers.isEmpty
        )
    }

    private static func table(_ table: ShardsReport.Table) -> Table {
        Table(
            tableTitle: table.title,
            tableColumns: table.columns,
            tableRows: table.rows.prefix(mostRows).map { row in
                Row(
                    rowHead: row.first ?? "",
                    rowCells: zip(table.columns, row).dropFirst().map { Cell(cellLabel: $0, cellText: $1) }
                )
            },
            tableMore: table.rows.count > mostRows ? "and \(Format.count(table.rows.count - mostRows)) more" : nil
        )
    }
}
