import ArgumentParser
import CeleryWorker
import Foundation
import Sharding
import TenantStore

/// `chard shards status`: what the servers hold.
struct ShardsStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the servers, their tenants, partitions, rows and sizes. Exit status 1 if one does not answer."
    )

    @OptionGroup var settings: SettingsOptions

    @Flag(name: .long, help: "Count rows instead of using PostgreSQL's statistics.")
    var exact = false

    @Flag(name: .long, help: "A JSON array instead of tables.")
    var json = false

    func run() async throws {
        let layout = try settings.load().shardLayout()
        let found = await ShardStatus.all(of: layout, exact: exact, logger: .errorsOnly)
        if json {
            print(String(decoding: JSONWriter.bytes(.array(found.map(Self.value))), as: UTF8.self))
        } else {
            show(found)
        }
        if found.contains(where: { $0.problem != nil }) { throw ExitCode.failure }
    }

    private func show(_ found: [ShardStatus]) {
        for (number, status) in found.enumerated() {
            if number > 0 { print() }
            print("\(status.server)  \(status.url)")
            if let problem = status.problem {
                print("  PROBLEM: \(problem)")
                continue
            }
            print("  schema version \(status.schemaVersion)")
            for range in status.ranges { print("  tenants \(range.range): \(Self.text(range))") }
            for move in status.moves { print("  unfinished move of \(move.range) to \(move.target): \(move.phase)") }
            guard !status.partitions.isEmpty else { continue }
            var table = TextTable("partition", "tenants", "rows", "size")
            for partition in status.partitions {
                table.add(
                    partition.name,
                    "\(partition.first)..\(partition.last)",
                    "\(partition.rows)",
                    Int64(partition.bytes).formatted(.byteCount(style: .memory))
                )
            }
            table.show(indent: "  ")
        }
    }

    private static func text(_ range: KnownRange) -> String {
        switch range.state {
        case "moved": "moved to \(range.owner)"
        case "fenced": "owned, writes wait for a move"
        case "arriving": "arriving"
        default: range.state
        }
    }

    private static func value(_ status: ShardStatus) -> CeleryValue {
        let ranges: [CeleryValue] = status.ranges.map(value)
        let moves: [CeleryValue] = status.moves.map(value)
        let partitions: [CeleryValue] = status.partitions.map(value)
        let problem: CeleryValue = status.problem.map(CeleryValue.string) ?? .null
        return [
            "server": .string(status.server), "url": .string(status.url), "problem": problem,
            "schema": .int(status.schemaVersion), "ranges": .array(ranges), "moves": .array(moves),
            "partitions": .array(partitions),
        ]
    }

    private static func value(_ range: KnownRange) -> CeleryValue {
        ["tenants": .string("\(range.range)"), "state": .string(range.state), "owner": .string(range.owner)]
    }

    private static func value(_ move: ShardStatus.Move) -> CeleryValue {
        ["tenants": .string("\(move.range)"), "target": .string(move.target), "phase": .string(move.phase)]
    }

    private static func value(_ partition: ShardStatus.Partition) -> CeleryValue {
        [
            "name": .string(partition.name), "first": .int(partition.first), "last": .int(partition.last),
            "rows": .int(partition.rows), "bytes": .int(partition.bytes),
        ]
    }
}
