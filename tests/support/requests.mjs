// HTTP requests on connections of their own: nothing is pooled, nothing is retried.
import { Agent, request } from "node:http";

/**
 * { status, headers, text } of one request. `host` is the Host field, `signal` ends it early;
 * rejects when the connection breaks.
 */
export function ask(port, path, { host = "localhost", method = "GET", headers = {}, body, signal } = {}) {
  return new Promise((resolve, reject) => {
    const options = { port, path, method, signal, host: "127.0.0.1", headers: { host, ...headers }, agent: new Agent() };
    const sent = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
