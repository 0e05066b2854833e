// An HTTP server in the test's process, for workers to fetch from.
import { once } from "node:events";
import { createServer } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

export const compressible = "All work and no play makes Jack a dull boy. ".repeat(200);

const handlers = {
  // What came: method, path, fields as sent, body.
  "/echo": async (request, response) => {
    const chunks = await request.toArray();
    response.setHeader("Content-Type", "application/json");
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        headers: request.headers,
        names: request.rawHeaders.filter((_, i) => i % 2 === 0),
        body: Buffer.concat(chunks).toString(),
      }),
    );
  },
  "/redirect": (request, response, url) => {
    request.resume();
    response.writeHead(Number(url.searchParams.get("status") ?? 302), { Location: url.searchParams.get("to") }).end("moved");
  },
  // n redirects in a row, then /echo.
  "/hops": (request, response, url) => {
    const n = Number(url.searchParams.get("n"));
    response.writeHead(302, { Location: n > 1 ? `/hops?n=${n - 1}` : "/echo" }).end();
  },
  "/gzip": (request, response) => response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(compressible)),
  "/br": (request, response) => response.writeHead(200, { "Content-Encoding": "br" }).end(brotliCompressSync(compressible)),
  "/deflate": (request, response) => response.writeHead(200, { "Content-Encoding": "deflate" }).end(deflateSync(compressible)),
  "/broken-gzip": (request, response) => response.writeHead(200, { "Content-Encoding": "gzip" }).end("this is no gzip"),
  "/status": (request, response, url) => {
    const status = Number(url.searchParams.get("code"));
    response.writeHead(status, "Some Reason", { "X-Kept": "yes" }).end([204, 304].includes(status) ? undefined : "body");
  },
  "/cookies": (request, response) => response.writeHead(200, { "Set-Cookie": ["a=1", "b=2"] }).end("cookies"),
  "/hang": () => {},
  "/half": (request, response) => response.writeHead(200, { "Content-Length": 100 }).write("half of it"),
  "/cut": (request, response) => {
    response.writeHead(200, { "Content-Length": 100 });
    response.write("half of it", () => response.destroy());
  },
  "/no-answer": (request) => request.socket.destroy(),
};

export class Origin {
  /** Listening on 127.0.0.1; closed with `t`. */
  static async start(t, more = {}) {
    const origin = new Origin();
    origin.requests = []; // as seen: { url, method, closed: Promise }
    origin.bytes = 0; // written by /big so far
    const all = { ...handlers, "/big": (request, response, url) => origin.#big(response, Number(url.searchParams.get("bytes"))), ...more };
    origin.server = createServer((request, response) => {
      const url = new URL(request.url, "http://origin");
      origin.requests.push({ url: request.url, method: request.method, closed: once(response, "close") });
      response.on("error", () => {});
      request.on("error", () => {});
      (all[url.pathname] ?? ((_, r) => r.writeHead(404).end("no such path")))(request, response, url);
    });
    origin.server.listen(0, "127.0.0.1");
    await once(origin.server, "listening");
    origin.port = origin.server.address().port;
    origin.url = `http://127.0.0.1:${origin.port}`;
    t.after(() => {
      origin.server.closeAllConnections();
      origin.server.close();
    });
    return origin;
  }

  /** The last request for `path`. */
  last(path) {
    return this.requests.findLast((request) => request.url.startsWith(path));
  }

  async #big(response, bytes) {
    this.bytes = 0;
    response.writeHead(200, { "Content-Length": bytes });
    let proceed;
    for (const event of ["drain", "close"]) response.on(event, () => proceed?.());
    const chunk = Buffer.alloc(64 * 1024, "b");
    while (this.bytes < bytes && !response.destroyed) {
      this.bytes += chunk.length;
      if (!response.write(chunk)) await new Promise((resolve) => (proceed = resolve));
    }
    response.end();
  }
}
