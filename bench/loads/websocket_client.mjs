// WebSocket echo load, a process of its own:
//   node websocket_client.mjs URL HOST CLIENTS SECONDS
// Each client has one message of 64 bytes under way. Prints one line of JSON. The clients speak the
// protocol by hand, over sockets that read into one buffer: a library would measure itself.
import { connect } from "node:net";

const [url, host, clients, seconds] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const payload_size = 64;
const answer_size = 2 + payload_size;

/** A masked text frame; a mask of zeros is a mask. */
const frame = Buffer.concat([Buffer.from([0x81, 0x80 | payload_size, 0, 0, 0, 0]), Buffer.alloc(payload_size, "m")]);
const expected = Buffer.concat([Buffer.from([0x81, payload_size]), Buffer.alloc(payload_size, "m")]);

const handshake =
  `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";

let counting = false;
let messages = 0;
const latencies = [];

function client(started) {
  const read_buffer = Buffer.alloc(4096);
  let open = false;
  let head = "";
  let received = 0;
  let sent_at = 0;
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
    if (received === 0 && length === answer_size && !read_buffer.subarray(0, length).equals(expected)) fail("not an echo");
    received += length;
    if (received > answer_size) fail("more than an echo");
    if (received === answer_size) {
      received = 0;
      if (counting) {
        messages++;
        latencies.push(performance.now() - sent_at);
      }
      send();
    }
    return true;
  };
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread: { buffer: read_buffer, callback: read } });
  socket.write(handshake);
  socket.once("error", (error) => fail(error.message));
  socket.once("close", () => fail("a connection was closed"));
}

const senders = await Promise.all(Array.from({ length: Number(clients) }, () => new Promise(client)));
for (const send of senders) send();
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
