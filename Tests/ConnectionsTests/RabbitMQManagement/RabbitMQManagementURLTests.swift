import Testing

@testable import Connections

@Suite("URLs of broker, Redis and management API")
struct RabbitMQManagementURLTests {
    @Test(
        "Broker URLs, as Celery reads them",
        arguments: [
            ("amqp://", BrokerURL()),
            ("amqp://localhost", BrokerURL()),
            ("pyamqp://guest@localhost//", BrokerURL()),
            ("amqp://h/", BrokerURL(host: "h")),
            ("amqp://h:5/v", BrokerURL(host: "h", port: 5, virtualHost: "v")),
            ("amqp://h//v", BrokerURL(host: "h", virtualHost: "/v")),
            ("amqp://h/%2Fv%2f", BrokerURL(host: "h", virtualHost: "/v/")),
            ("amqp://h/a/b", BrokerURL(host: "h", virtualHost: "a/b")),
            ("AMQPS://h", BrokerURL(tls: true, host: "h", port: 5671)),
            ("amqp://u%40x:p%3A%2F@h", BrokerURL(host: "h", user: "u@x", password: "p:/")),
            ("amqp://u:p@w:x@h", BrokerURL(host: "h", user: "u", password: "p@w:x")),
            ("amqp://[::1]:7/v", BrokerURL(host: "::1", port: 7, virtualHost: "v")),
            ("amqp://h?heartbeat=15", BrokerURL(host: "h", heartbeat: 15)),
            ("amqp://h/v?heartbeat=0#x", BrokerURL(host: "h", virtualHost: "v", heartbeat: 0)),
        ]
    )
    func broker(text: String, url: BrokerURL) throws {
        #expect(try BrokerURL(text) == url)
    }

    @Test("TLS files in a broker URL")
    func brokerTLS() throws {
        let url = try BrokerURL(
            "amqps://h?ssl_ca_certs=%2Fca.pem&ssl_certfile=c&ssl_keyfile=k&ssl_cert_reqs=CERT_NONE&x=1"
        )
        #expect(
            url.tlsSettings
                == TLSSettings(authorityPath: "/ca.pem", certificatePath: "c", keyPath: "k", verifiesPeer: false)
        )
        #expect(url.ignoredParameters == ["x"])
    }

    @Test("Several broker URLs")
    func list() throws {
        #expect(try BrokerURL.list(" amqp://a ; amqp://b;; ").map(\.host) == ["a", "b"])
        #expect(throws: ConnectionURLError.self) { try BrokerURL.list(" ; ") }
    }

    @Test(
        "Refused URLs show no password",
        arguments: [
            "amqp://u:SECRET@h:99999", "amqp://u:SECRET@h:x", "http://u:SECRET@h", "amqp://u:SE/CRET@h",
            "amqp://u:SECRET@h:1:2",
            "amqp://u:SECRET%4@h", "amqp://u:SECRET@h?heartbeat=x", "amqp://u:SECRET@[::1", "amqp://u:SECRET@[::1]x",
            "u:SECRET@h", "SECRET@h", "amqp://u:%FFSECRET@h", "amqp://u:SECRET@h?ssl_cert_reqs=SECRET",
            "amqp://u:SECRET#@h",
        ]
    )
    func masked(text: String) {
        let error = #expect(throws: ConnectionURLError.self) { try BrokerURL(text) }
        #expect(error?.description.contains("SECRET") == false)
        #expect(error?.description.contains("CRET") == false)
    }

    @Test("Descriptions mask passwords and can be read back")
    func descriptions() throws {
        let broker = BrokerURL(tls: true, host: "::1", user: "a b", password: "SECRET", virtualHost: "/x")
        #expect(broker.description == "amqps://a%20b:**@[::1]:5671//x")
        #expect("\(BrokerURL())" == "amqp://guest:**@localhost:5672//")
        #expect(try BrokerURL(broker.description).virtualHost == "/x")
        #expect("\(try RedisURL("redis://u:SECRET@h/2"))" == "redis://u:**@h:6379/2")
        #expect("\(try RedisURL("redis://:SECRET@h"))" == "redis://:**@h:6379/0")
        #expect("\(try RedisURL("redis://h"))" == "redis://h:6379/0")
        #expect(
            "\(try RedisURL("redis+socket:///run/r.sock?virtual_host=3"))"
                == "redis+socket:///run/r.sock?virtual_host=3"
        )
        #expect("\(try ManagementURL("https://u:SECRET@h/p"))" == "https://u:**@h:15671/p")
    }

    @Test(
        "Redis URLs, as Celery reads them",
        arguments: [
            ("redis://", RedisURL(endpoint: .tcp(host: "localhost", port: 6379))),
            ("redis://h:1/5", RedisURL(endpoint: .tcp(host: "h", port: 1), database: 5)),
            ("redis://h//5/", RedisURL(endpoint: .tcp(host: "h", port: 6379), database: 5)),
            ("redis://h?db=4", RedisURL(endpoint: .tcp(host: "h", port: 6379), database: 4)),
            (
                "redis://u:p%40@h/1",
                RedisURL(endpoint: .tcp(host: "h", port: 6379), user: "u", password: "p@", database: 1)
            ),
            ("redis+socket:///a/b.sock?virtual_host=2", RedisURL(endpoint: .unix(path: "/a/b.sock"), database: 2)),
            (
                "unix://u:p@/a.sock?db=1",
                RedisURL(endpoint: .unix(path: "/a.sock"), user: "u", password: "p", database: 1)
            ),
        ]
    )
    func redis(text: String, url: RedisURL) throws {
        #expect(try RedisURL(text) == url)
    }

    @Test(
        "Refused Redis URLs",
        arguments: [
            "rediss://h", "sentinel://h", "rpc://", "redis://h/x", "redis://h/-1", "redis+socket://a/b", "unix://", "h",
        ]
    )
    func redisRefused(text: String) {
        #expect(throws: ConnectionURLError.self) { try RedisURL(text) }
    }

    @Test(
        "Management URLs",
        arguments: [
            ("http://h", "http://h:15672/api"), ("https://h", "https://h:15671/api"),
            ("http://u:p@h:1/x/", "http://h:1/x/api"), ("http://h/api/", "http://h:15672/api"),
            ("http://h/rabbit/api", "http://h:15672/rabbit/api"), ("http://[::1]/", "http://[::1]:15672/api"),
        ]
    )
    func management(text: String, root: String) throws {
        #expect(try ManagementURL(text).root == root)
    }

    @Test("Refused management URLs", arguments: ["amqp://h", "http://", "http:///x", "h:15672"])
    func managementRefused(text: String) {
        #expect(throws: ConnectionURLError.self) { try ManagementURL(text) }
    }
}
