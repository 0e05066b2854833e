// Opens WebSockets and keeps them, a process of its own:
//   node many_sockets.mjs URL HOST COUNT
// Each has a path of its own, /0, /1, ... Prints "open" when all are there; a line on its standard
// input makes it send one message over each, and print "echoed" when every one has come back. Ends
// with its standard input.
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [url, host, count] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const atOnce = 32;
const frame = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x78]);
const answer = Buffer.from([0x81, 0x01, 0x78]);

const fail = (why) => {
  console.error(why);
  process.exit(1);
};

function open(number) {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.once("error", (error) => fail(error.message));
    socket.once("close", () => fail("a connection was closed"));
    socket.write(
      `GET /${number} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    let head = "";
    socket.on("data", function opening(data) {
      head += data.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      if (!head.startsWith("HTTP/1.1 101")) fail(`no upgrade: ${head}`);
      socket.off("data", opening);
      resolve(socket);
    });
  });
}

function echo(socket) {
  return new Promise((resolve) => {
    socket.once("data", (data) => {
      if (!data.equals(answer)) fail(`not an echo: ${data.toString("hex")}`);
      resolve();
    });
    socket.write(frame);
  });
}

const sockets = [];
let next = 0;
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (next < Number(count)) sockets.push(await open(next++));
  }),
);
console.log("open");
for await (const _ of createInterface({ input: process.stdin })) {
  await Promise.all(sockets.map(echo));
  console.log("echoed");
}
process.exit(0);
