"""A bare AMQP client (pika, no Celery) on one vhost: publish, look, take."""
import json
import uuid

import pika
import pika.exceptions

from .waiting import eventually


class RawProperties(pika.BasicProperties):
    """Basic properties whose header table is given as bytes, so that any AMQP field type can be sent."""

    def __init__(self, table, content_type="application/json", content_encoding="utf-8"):
        super().__init__()
        self.table, self.type_, self.encoding_ = table, content_type.encode(), content_encoding.encode()

    def encode(self):
        flags = (1 << 15) | (1 << 14) | (1 << 13) | (1 << 12)      # content type, encoding, headers, delivery mode
        short = lambda text: bytes([len(text)]) + text
        return [flags.to_bytes(2, "big"), short(self.type_), short(self.encoding_),
                len(self.table).to_bytes(4, "big"), self.table, b"\x02"]


class Bare:
    """Opens its connection when needed and again after it was lost."""

    def __init__(self, url):
        # pika takes Celery's "//" for the vhost "" instead of "/".
        self.url = url[:-1] + "%2F" if url.endswith("//") else url
        self._connection, self._channel = None, None

    @property
    def channel(self):
        if self._channel is None or not self._channel.is_open:
            if self._connection is None or not self._connection.is_open:
                self._connection = pika.BlockingConnection(pika.URLParameters(self.url))
            self._channel = self._connection.channel()
        return self._channel

    def close(self):
        if self._connection is not None and self._connection.is_open:
            self._connection.close()
        self._connection = self._channel = None

    def forget(self):
        """After an error: the next use opens a new connection."""
        self._connection = self._channel = None

    def declare(self, name, **arguments):
        return self.channel.queue_declare(name, durable=True, arguments=arguments or None)

    def publish(self, queue, body, headers=None, properties=None, exchange="", **basic):
        """Confirmed and mandatory: returns once the broker has it in a queue."""
        if properties is None:
            basic.setdefault("delivery_mode", 2)
            properties = pika.BasicProperties(headers=headers, **basic)
        channel = self.channel
        if not getattr(channel, "_confirming", False):
            channel.confirm_delivery()
            channel._confirming = True
        body = body if isinstance(body, bytes) else body.encode()
        channel.basic_publish(exchange, queue, body, properties, mandatory=True)

    def send_task(self, queue, name, args=(), kwargs=None, task_id=None, embed=None, **basic):
        """The least that is a protocol 2 task message: three headers and a JSON body."""
        task_id = task_id or str(uuid.uuid4())
        body = json.dumps([list(args), kwargs or {}, embed])
        self.publish(queue, body, {"lang": "py", "task": name, "id": task_id}, content_type="application/json",
                     content_encoding="utf-8", **basic)
        return task_id

    def ready(self, queue):
        """Messages ready, or None if there is no such queue."""
        answer = self._look(queue)
        return None if answer is None else answer.message_count

    def consumers(self, queue):
        answer = self._look(queue)
        return None if answer is None else answer.consumer_count

    def _look(self, queue):
        try:
            return self.channel.queue_declare(queue, passive=True).method
        except pika.exceptions.ChannelClosedByBroker as error:
            assert error.reply_code == 404, error
            return None

    def take(self, queue, timeout=30.0):
        """The next message of `queue` as (properties, body), acknowledged."""
        def get():
            try:
                method, properties, body = self.channel.basic_get(queue, auto_ack=True)
            except pika.exceptions.ChannelClosedByBroker as error:
                assert error.reply_code == 404, error
                return None
            return method and (properties, body)
        return eventually(get, timeout, what=f"a message in {queue}")

    def delete(self, *queues):
        for queue in queues:
            self.channel.queue_delete(queue)

    def delete_exchange(self, name):
        self.channel.exchange_delete(name)
