// One HTTP/1.1 exchange as bytes: what an HTTP client would hide.
import { connect } from "node:net";

/** Sends `head` lines and `body`; the answer as { status, reason, headers: [name, value][], body }. */
export function exchange(port, lines, body = "") {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const chunks = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("end", () => {
      const raw = Buffer.concat(chunks);
      const end = raw.indexOf("\r\n\r\n");
      const [statusLine, ...fields] = raw.subarray(0, end).toString("latin1").split("\r\n");
      const [, status, reason] = /^HTTP\/1\.1 (\d+) ?(.*)$/.exec(statusLine) ?? [];
      const headers = fields.map((field) => {
        const colon = field.indexOf(":");
        return [field.slice(0, colon), field.slice(colon + 1).trim()];
      });
      resolve({ status: Number(status), reason, headers, body: raw.subarray(end + 4) });
    });
    socket.write(`${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n`, "latin1");
    socket.write(body);
  });
}

export function header(answer, name) {
  return answer.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}
