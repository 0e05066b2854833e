// A client that sends bytes as the test says and shows what comes back, byte for byte.
import { once } from "node:events";
import { connect } from "node:net";

export class RawClient {
  #received = Buffer.alloc(0);
  #wake = () => {};

  /** Connected to `port` of `host`. */
  static async connect(port, host = "127.0.0.1", options = {}) {
    const client = new RawClient();
    client.socket = connect({ port, host, allowHalfOpen: true, ...options });
    client.closed = new Promise((resolve) => {
      client.socket.on("end", () => resolve("end")).on("error", () => resolve("reset"));
    }).then((how) => {
      client.over = how;
      client.#wake();
      return how;
    });
    client.socket.on("data", (data) => {
      client.#received = Buffer.concat([client.#received, data]);
      client.#wake();
    });
    await once(client.socket, "connect");
    return client;
  }

  /** Closed when the test `t` is over. */
  closeAfter(t) {
    t.after(() => this.destroy());
    return this;
  }

  /** Resolves when the system has taken the bytes. */
  send(bytes) {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** A request with these lines and body; the empty line is added. */
  request(lines, body = "") {
    return this.send(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]));
  }

  destroy() {
    this.socket.destroy();
  }

  reset() {
    this.socket.resetAndDestroy();
  }

  get received() {
    return this.#received;
  }

  /** Waits until `take`, given all that was received and not yet taken, returns [value, bytes used]. */
  async #until(take, what, seconds = 20) {
    let timer;
    const expired = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${seconds} s passed waiting for ${what}; received: ${this.#shown()}`)), seconds * 1000);
    });
    try {
      for (;;) {
        const found = take(this.#received);
        if (found) {
          this.#received = this.#received.subarray(found[1]);
          return found[0];
        }
        if (this.over) throw new Error(`${this.over} before ${what}; received: ${this.#shown()}`);
        await Promise.race([new Promise((resolve) => (this.#wake = resolve)), expired]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #shown() {
    return JSON.stringify(this.#received.subarray(0, 500).toString("latin1"));
  }

  /** Exactly so many bytes. */
  bytes(count) {
    return this.#until((data) => (data.length >= count ? [data.subarray(0, count), count] : null), `${count} bytes`);
  }

  line() {
    return this.#until((data) => {
      const end = data.indexOf("\r\n");
      return end < 0 ? null : [data.subarray(0, end).toString("latin1"), end + 2];
    }, "a line");
  }

  /** Status line and fields: { status, reason, fields: Map of lowercase name to values, raw }. */
  head(seconds) {
    return this.#until(
      (data) => {
        const end = data.indexOf("\r\n\r\n");
        if (end < 0) return null;
        const raw = data.subarray(0, end).toString("latin1");
        const [first, ...lines] = raw.split("\r\n");
        const [, status, reason] = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(first);
        const fields = new Map();
        for (const line of lines) {
          const colon = line.indexOf(":");
          const name = line.slice(0, colon).toLowerCase();
          fields.set(name, [...(fields.get(name) ?? []), line.slice(colon + 1).trim()]);
        }
        return [{ status: Number(status), reason, fields, raw }, end + 4];
      },
      "a head",
      seconds,
    );
  }

  /** A chunk of a chunked body; empty at its end. */
  async chunk() {
    const size = Number.parseInt(await this.line(), 16);
    const data = await this.bytes(size);
    if ((await this.line()) !== "") throw new Error("a chunk does not end with its line");
    return data;
  }

  /** A whole response: the head, and body as text. `to` is the method that was asked. */
  async response({ to = "GET", seconds } = {}) {
    const head = await this.head(seconds);
    if (to === "HEAD" || head.status < 200 || head.status === 204 || head.status === 304) return { ...head, body: "" };
    const length = head.fields.get("content-length")?.[0];
    if (length !== undefined) return { ...head, body: (await this.bytes(Number(length))).toString() };
    if (head.fields.get("transfer-encoding")?.[0] !== "chunked") throw new Error(`no framing: ${head.raw}`);
    const chunks = [];
    for (;;) {
      const data = await this.chunk();
      if (data.length === 0) return { ...head, body: Buffer.concat(chunks).toString(), chunks: chunks.length };
      chunks.push(data);
    }
  }
}
