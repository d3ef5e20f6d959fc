#!/usr/bin/python3
"""TCP faults on demand, without root: a proxy in front of each server, told what to do over HTTP.

    scripts/fault_proxy.py [--until-eof] [CONTROL_PORT] NAME=[LISTEN_PORT:]HOST:PORT ...

Ports left out or 0 are chosen free. Once everything listens, one line of JSON on stdout tells them:
    {"control": "http://127.0.0.1:41001", "rabbit": 41002, "redis": 41003}
With --until-eof the proxy ends when its standard input closes, so that it never outlives the test that started it.

    GET  /                    the state of every proxy, with the number of its open connections
    PUT  /NAME  {JSON}        changes the fields that are given, answers once the change has taken effect:
        "mode"      "up"               forwards
                    "hang"             moves no byte either way, accepts and keeps connections (a silent partition)
                    "hang-upstream"    what the client sends stays here; what the server sends still arrives
                    "hang-downstream"  the other way round
                    "refuse"           resets every connection and refuses new ones
        "latency"   seconds that every byte is late, each way
        "rate"      bytes per second, each way; 0 for no limit
        "reset"     true: cuts the connections of this moment with RST and stays in its mode
    What a hanging mode has held back is forwarded when it ends, as the network would.
"""
import asyncio
import contextlib
import json
import os
import socket
import struct
import sys

HOST = "127.0.0.1"
MODES = ("up", "hang", "hang-upstream", "hang-downstream", "refuse")
SEND_RST_ON_CLOSE = struct.pack("ii", 1, 0)                  # SO_LINGER: on, 0 seconds
CHUNK = 65536


class Gate:
    """Bytes of one direction pass while it is open."""

    def __init__(self):
        self.event = asyncio.Event()
        self.event.set()

    def set(self, is_open):
        (self.event.set if is_open else self.event.clear)()


class Proxy:
    def __init__(self, listen, host, port):
        self.listen, self.upstream = listen, (host, port)
        self.mode, self.latency, self.rate = "up", 0.0, 0
        self.gates = {"upstream": Gate(), "downstream": Gate()}
        self.server, self.connections = None, {}             # task: its two writers

    async def open(self):
        self.server = await asyncio.start_server(self.serve, HOST, self.listen)
        self.listen = self.server.sockets[0].getsockname()[1]

    def state(self):
        return {"mode": self.mode, "latency": self.latency, "rate": self.rate, "connections": len(self.connections)}

    async def change(self, wanted):
        unknown = set(wanted) - {"mode", "latency", "rate", "reset"}
        mode = wanted.get("mode", self.mode)
        if unknown or mode not in MODES:
            raise ValueError(f"cannot set {sorted(unknown) or mode}; modes are {', '.join(MODES)}")
        self.latency = float(wanted.get("latency", self.latency))
        self.rate = int(wanted.get("rate", self.rate))
        self.mode = mode
        for direction, gate in self.gates.items():
            gate.set(mode not in ("hang", f"hang-{direction}"))
        if mode == "refuse" and self.server:
            self.server.close()
            self.server = None
        elif mode != "refuse" and not self.server:
            await self.open()
        if mode == "refuse" or wanted.get("reset"):
            await self.cut()

    async def cut(self):
        """Resets the connections of this moment, client's and server's side."""
        tasks = list(self.connections)
        for writers in list(self.connections.values()):
            for writer in writers:
                linger = socket.SOL_SOCKET, socket.SO_LINGER, SEND_RST_ON_CLOSE
                with contextlib.suppress(OSError):           # it may have broken off just now
                    writer.get_extra_info("socket").setsockopt(*linger)
                writer.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.connections[task] = [writer]
        try:
            server_reader, server_writer = await asyncio.open_connection(*self.upstream)
            self.connections[task].append(server_writer)
            async with asyncio.TaskGroup() as both:
                both.create_task(self.pump(reader, server_writer, self.gates["upstream"]))
                both.create_task(self.pump(server_reader, writer, self.gates["downstream"]))
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            pass                                             # one side broke off: the other shall see it too
        finally:
            for each in self.connections.pop(task):
                each.transport.abort()

    async def pump(self, reader, writer, gate):
        """Reads ahead of the sender by at most 256 chunks, so that latency does not cost throughput."""
        chunks = asyncio.Queue(256)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.deliver(chunks, writer, gate))
            while True:
                data = await reader.read(min(CHUNK, max(1, self.rate // 20)) if self.rate else CHUNK)
                await chunks.put((asyncio.get_running_loop().time() + self.latency, data))
                if not data:
                    return

    async def deliver(self, chunks, writer, gate):
        while True:
            due, data = await chunks.get()
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            await gate.event.wait()
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()
            if self.rate:
                await asyncio.sleep(len(data) / self.rate)


class Control:
    """The smallest HTTP server that answers curl and urllib."""

    def __init__(self, proxies):
        self.proxies = proxies

    async def serve(self, reader, writer):
        try:
            status, answer = await self.answer(reader)
        except (ValueError, TypeError, AttributeError, OSError, asyncio.IncompleteReadError) as error:
            status, answer = "400 Bad Request", {"error": str(error)}
        body = json.dumps(answer).encode() + b"\n"
        head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        try:
            await writer.drain()
        except OSError:
            pass
        writer.close()

    async def answer(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, path = head.split()[:2]
        if method == "PUT":
            name = path.strip("/")
            if name not in self.proxies:
                return "404 Not Found", {"error": f"no proxy '{name}', there are {', '.join(self.proxies)}"}
            lengths = [line.split(":")[1] for line in head.lower().splitlines() if line.startswith("content-length:")]
            await self.proxies[name].change(json.loads(await reader.readexactly(int(lengths[0])) if lengths else "{}"))
        return "200 OK", {name: proxy.state() for name, proxy in self.proxies.items()}


def parse(words):
    until_eof = "--until-eof" in words
    words = [word for word in words if word != "--until-eof"]
    control = int(words.pop(0)) if words and words[0].isdigit() else 0
    targets = {}
    for word in words:
        name, _, address = word.partition("=")
        *listen, host, port = address.split(":")
        targets[name] = (int(listen[0]) if listen else 0, host, int(port))
    if not targets:
        raise ValueError("nothing to stand in front of")
    return until_eof, control, targets


async def standard_input_closed():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def main(until_eof, control_port, targets):
    proxies = {name: Proxy(*target) for name, target in targets.items()}
    for proxy in proxies.values():
        await proxy.open()
    control = await asyncio.start_server(Control(proxies).serve, HOST, control_port)
    address = "http://%s:%d" % control.sockets[0].getsockname()
    print(json.dumps({"control": address} | {name: proxy.listen for name, proxy in proxies.items()}), flush=True)
    await (standard_input_closed() if until_eof else asyncio.Event().wait())
    os._exit(0)                                              # connections break off; nothing is worth waiting for


if __name__ == "__main__":
    try:
        arguments = parse(sys.argv[1:])
    except ValueError as problem:
        sys.exit(f"error: {problem}\n\n{__doc__.strip()}")
    try:
        asyncio.run(main(*arguments))
    except KeyboardInterrupt:
        pass
