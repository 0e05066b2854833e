// A response's members by default, and with everything set.
import { print } from "lines";

export default async () => {
  const show = (response) => [response.status, response.statusText, response.ok, response.type, response.url, response.redirected, response.bodyUsed, [...response.headers]];
  print("default", show(new Response()));
  print("set", show(new Response("x", { status: 404, statusText: "Nope", headers: { a: "b" } })));
  print("null", new Response(null).body, new Response(undefined).body, new Response("").body !== null);
  print("json", show(Response.json({ a: 1 }, { status: 201 })), await Response.json([1]).text());
  print("error", show(Response.error()));
  print("redirect", show(Response.redirect("http://a/b", 308)));
};
