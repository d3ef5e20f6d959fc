/// What may stand in a command: text, a number, bytes.
package protocol RedisArgument: Sendable {
    func writeRESP(into buffer: inout [UInt8])
}

extension String: RedisArgument {
    package func writeRESP(into buffer: inout [UInt8]) { RESPWriter.append(self, into: &buffer) }
}

extension Int: RedisArgument {
    package func writeRESP(into buffer: inout [UInt8]) { RESPWriter.append(self, into: &buffer) }
}

extension Array: RedisArgument where Element == UInt8 {
    package func writeRESP(into buffer: inout [UInt8]) { RESPWriter.append(self, into: &buffer) }
}

extension ArraySlice: RedisArgument where Element == UInt8 {
    package func writeRESP(into buffer: inout [UInt8]) { RESPWriter.append(self, into: &buffer) }
}
