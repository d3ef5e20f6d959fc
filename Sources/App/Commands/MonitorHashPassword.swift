import ArgumentParser
import CeleryMonitor

/// `chard monitor hash-password`: what the settings hold instead of a password.
struct MonitorHashPassword: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash-password",
        abstract: "Read a password from standard input, and print what stands for it in monitor.access.users."
    )

    func run() throws {
        guard let password = readLine(strippingNewline: true), !password.isEmpty else {
            throw ValidationError("hashing a password: standard input is empty; write the password there")
        }
        print(try MonitorPassword.hash(password))
    }
}
