// fetch() to a service binding: method, headers, body, status there and back.
import { print } from "lines";

export const worker = {
  async fetch(request) {
    return new Response(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`, { status: 201, statusText: "Made", headers: { "x-echo": request.headers.get("x-a") ?? "none" } });
  },
};

export default async (env) => {
  const response = await env.SELF.fetch("http://any.host/path", { method: "POST", body: "body", headers: { "x-a": "1" } });
  print("response", response.status, response.statusText, response.headers.get("x-echo"), response.ok, response.redirected);
  print("url", response.url);
  print("text", await response.text());
  const second = await env.SELF.fetch(new Request("https://other/"));
  print("second", await second.text(), second.headers.get("content-type"));
};
