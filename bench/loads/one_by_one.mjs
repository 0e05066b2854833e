// Latencies of single requests over one kept connection, a process of its own:
//   node one_by_one.mjs URL REQUESTS [PAUSE]
// REQUESTS is a JSON file: [{ host, path }, ...]. All of them are asked in order, then all again,
// PAUSE milliseconds (0 if not given) after the answer to the one before.
// Prints { rounds: [[microseconds, ...], [...]] }.
import { readFileSync } from "node:fs";
import { connect } from "node:net";

const [url, file, pause_ms = "0"] = process.argv.slice(2);
const requests = JSON.parse(readFileSync(file, "utf8"));
const { hostname, port } = new URL(url);

const socket = connect({ host: hostname, port: Number(port), noDelay: true });
let answered;
let failed;
let text = "";
socket.setEncoding("latin1");
socket.once("error", (error) => failed(error));
socket.once("close", () => failed(new Error("the connection was closed")));

/** Whether `text` is one whole answer. */
function complete() {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end));
  return length ? text.length - end - 4 >= Number(length[1]) : text.endsWith("0\r\n\r\n");
}

socket.on("data", (chunk) => {
  text += chunk;
  if (!complete()) return;
  if (!text.startsWith("HTTP/1.1 200")) failed(new Error(text));
  else answered(performance.now());
});

async function ask({ host, path }) {
  text = "";
  const answer = new Promise((resolve, reject) => {
    answered = resolve;
    failed = reject;
  });
  const sent = performance.now();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return ((await answer) - sent) * 1000;
}

// This process's own code warms up on the server's first worker, which is not among the measured.
const warm_up = requests.shift();
for (let i = 0; i < 200; ++i) await ask(warm_up);

const rounds = [];
for (let round = 0; round < 2; ++round) {
  const times = [];
  for (const request of requests) {
    if (pause_ms !== "0") await new Promise((resolve) => setTimeout(resolve, Number(pause_ms)));
    times.push(await ask(request));
  }
  rounds.push(times);
}
console.log(JSON.stringify({ rounds }));
process.exit(0);
