/// A Lua script that runs on the server, and the name by which the server knows it.
package struct RedisScript: Sendable, Hashable {
    package let source: String
    /// 40 lower-case hex digits: the SHA-1 of the source, as `SCRIPT LOAD` answers.
    package let sha1: String

    package init(_ source: String) {
        self.source = source
        self.sha1 = SHA1.hex(of: Array(source.utf8))
    }

    /// The command that makes the server know the script.
    var loadCommand: RedisCommand { RedisCommand("SCRIPT", "LOAD", source) }
}
