// WebSocket load, a process of its own:
//   node websocket_client.mjs URL HOST CLIENTS SECONDS PATH echo|broadcast
// Messages have 64 bytes. Echo: each client has one under way. Broadcast: four clients have one under
// way each, which comes back to all; what is counted is deliveries. Prints one line of JSON. The
// clients speak the protocol by hand, over sockets that read into one buffer: a library would measure
// itself.
import { connect } from "node:net";

const [url, host, clients, seconds, path, mode] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const payload_size = 64;
const frame_size = 2 + payload_size;
const speakers = mode === "echo" ? Number(clients) : 4;

const payload_of = (index) => Buffer.from(`${mode === "echo" ? "E" : "B"}${index};`.padEnd(payload_size, "m"));
const expected_head = Buffer.from([0x81, payload_size]);

const handshake =
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";

let counting = false;
let messages = 0;
const latencies = [];

function client(index, started) {
  const read_buffer = Buffer.alloc(64 << 10);
  const payload = payload_of(index);
  /** A masked text frame; a mask of zeros is a mask. */
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | payload_size, 0, 0, 0, 0]), payload]);
  let open = false;
  let head = "";
  let sent_at = 0;
  let pending = Buffer.alloc(0);
  const send = () => {
    sent_at = performance.now();
    socket.write(frame);
  };
  const fail = (why) => {
    console.error(why);
    process.exit(1);
  };
  const read = (length) => {
    if (!open) {
      head += read_buffer.latin1Slice(0, length);
      if (!head.includes("\r\n\r\n")) return true;
      if (!head.startsWith("HTTP/1.1 101")) fail(`no upgrade: ${head}`);
      open = true;
      started(send);
      return true;
    }
    let bytes = read_buffer.subarray(0, length);
    if (pending.length > 0) bytes = Buffer.concat([pending, bytes]);
    let at = 0;
    let own = false;
    for (; bytes.length - at >= frame_size; at += frame_size) {
      if (bytes[at] !== expected_head[0] || bytes[at + 1] !== expected_head[1]) fail("not a message that was sent");
      if (counting) messages++;
      if (index < speakers && bytes.compare(payload, 0, payload_size, at + 2, at + frame_size) === 0) own = true;
    }
    pending = at === bytes.length ? pending.subarray(0, 0) : Buffer.from(bytes.subarray(at));
    if (own) {
      if (counting) latencies.push(performance.now() - sent_at);
      send();
    }
    return true;
  };
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread: { buffer: read_buffer, callback: read } });
  socket.write(handshake);
  socket.once("error", (error) => fail(error.message));
  socket.once("close", () => fail("a connection was closed"));
}

const senders = await Promise.all(Array.from({ length: Number(clients) }, (_, index) => new Promise((started) => client(index, started))));
for (const send of senders.slice(0, speakers)) send();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await pause(500);
counting = true;
const start = performance.now();
await pause(Number(seconds) * 1000);
const took = (performance.now() - start) / 1000;
counting = false;

latencies.sort((a, b) => a - b);
const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] * 1000;
console.log(JSON.stringify({ per_second: messages / took, p50_us: at(0.5), p99_us: at(0.99), max_us: at(1), errors: 0 }));
process.exit(0);
