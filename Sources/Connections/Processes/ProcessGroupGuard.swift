import Glibc

/// Kills a process group when this process dies, however that happens.
///
/// A process that dies with its parent takes its own children along only if it kills them, which SIGKILL does not let
/// it do. The guard is a shell that waits for the end of a pipe whose other end only this process has. Where there is
/// no `/bin/sh`, the group's leader alone dies with this process.
final class ProcessGroupGuard {
    private let shell: ChildProcess
    private let pipe: Int32

    /// `$1` is the group, `$2` a folder that is deleted then; empty for none.
    private static let script = #"read -r _ || { kill -s KILL -- "-$1"; [ -z "$2" ] || rm -rf -- "$2"; }"#

    /// - Parameter folder: What is deleted along with the group when this process dies.
    init?(group: Int32, folder: String?) {
        guard let ends = Descriptors.pipe() else { return nil }
        defer { Descriptors.close(ends.read) }
        var request = SpawnRequest(
            program: "/bin/sh",
            arguments: ["chard-guard", "-c", Self.script, "chard-guard", String(group), folder ?? ""],
            environment: ["PATH": "/usr/bin:/bin"]
        )
        request.outlivesParent = true
        request.ignoresTermination = true
        guard let shell = try? ChildProcess(request, descriptors: [ends.read]) else {
            Descriptors.close(ends.write)
            return nil
        }
        self.shell = shell
        pipe = ends.write
    }

    /// Lets the guard go; the group has ended. To be called once, on a thread that has SIGPIPE blocked.
    func release() {
        _ = Descriptors.write([UInt8(ascii: "\n")], to: pipe)
        Descriptors.close(pipe)
        _ = shell.wait()
    }
}
