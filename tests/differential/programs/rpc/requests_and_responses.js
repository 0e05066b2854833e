// Request, Response and Headers as arguments and results.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Http extends DurableObject {
  async request(request) {
    return [request instanceof Request, request.method, request.url, [...request.headers], await request.text()];
  }
  response(text) {
    return new Response(text, { status: 418, headers: { "x-a": "b" } });
  }
  headers(headers) {
    headers.append("x-more", "1");
    return headers;
  }
  make() {
    return new Request("http://made/", { method: "PUT", body: "made" });
  }
}

export default async (env) => {
  const stub = env.Http.getByName("h");
  print("request", await stub.request(new Request("http://a/b", { method: "POST", body: "body", headers: { "x-c": "d" } })));
  const response = await stub.response("teapot");
  print("response", response instanceof Response, response.status, response.headers.get("x-a"), await response.text());
  const headers = await stub.headers(new Headers({ a: "1" }));
  print("headers", headers instanceof Headers, [...headers]);
  const request = await stub.make();
  print("made", request.method, request.url, await request.text());
};
