import Testing

@testable import CeleryWorker

struct HostnameTests {
    @Test(arguments: [
        ("celery@%h", "celery@web1.example.com"), ("w1@%n", "w1@web1"), ("w@%d", "w@example.com"),
        ("w1", "w1@web1.example.com"),
        ("100%%@%h", "100%@web1.example.com"), ("a%zb@x", "a%zb@x"), ("w%i@%n", "w0@web1"),
    ])
    func nodenamesAreExpandedAsCeleryDoes(pattern: String, expected: String) {
        #expect(Hostname.nodename(pattern, host: "web1.example.com") == expected)
    }
}
