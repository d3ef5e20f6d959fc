import Testing

@testable import CeleryMonitor

@Suite struct ChangeHubTests {
    @Test func aListenerHearsOfItsTopicsOnly() async {
        let hub = ChangeHub()
        var changes = hub.listen([.tasks]).makeAsyncIterator()
        hub.announce(.workers)
        hub.announce(.tasks)
        #expect(await changes.next() != nil)
    }
}
