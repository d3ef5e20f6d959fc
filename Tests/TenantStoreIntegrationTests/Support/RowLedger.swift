import Foundation
import TenantStore

/// Writers that go on while something happens to the servers, and what they were told about each write.
actor RowLedger {
    private(set) var written: [Int: Set<Int>] = [:]
    private(set) var failures: [String] = []
    private(set) var count = 0
    private var isStopped = false

    /// Writes rows of three until told to stop, each under a number of its own; each third write is sent twice. Sizes vary
    /// so that both ways of writing are used.
    func run(_ rows: TenantRows, tenants: [Int], writers: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask { await self.write(rows, tenants, writer) }
            }
        }
    }

    func stop() { isStopped = true }

    private func write(_ rows: TenantRows, _ tenants: [Int], _ writer: Int) async {
        var turn = 0
        while !isStopped {
            let tenant = tenants[(writer + turn) % tenants.count]
            let first = (writer * 1_000_000 + turn) * 100
            let new = [NewTenantRow].numbered(first..<(first + (turn % 10 == 0 ? 60 : 3)))
            do {
                _ = try await rows.insert(new, tenant: tenant, task: "\(first)")
                if turn % 3 == 0 { _ = try await rows.insert(new, tenant: tenant, task: "\(first)") }
                written[tenant, default: []].formUnion(first..<(first + new.count))
                count += 1
            } catch {
                failures.append("\(error)")
            }
            turn += 1
        }
    }

    /// Waits until so many more writes were acknowledged.
    func waitForMore(_ more: Int) async throws {
        let wanted = count + more
        let deadline = ContinuousClock.now + .seconds(30)
        while count < wanted {
            guard ContinuousClock.now < deadline else {
                throw LedgerError(text: "writes stand still: \(failures.last ?? "")")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

struct LedgerError: Error {
    let text: String
}

extension TenantRows {
    /// The numbers of all rows of a tenant, as `[NewTenantRow].numbered` made them.
    func numbers(of tenant: Int) async throws -> [Int] {
        var numbers: [Int] = []
        var after: Int64?
        repeat {
            let page = try await query(tenant: tenant, after: after, limit: 5_000)
            guard let last = page.last else { return numbers }
            numbers += page.compactMap { Int($0.data.filter(\.isNumber)) }
            after = last.id
        } while true
    }
}
