// Headers through a service: what is kept, added, or dropped.
import { print } from "lines";

export const worker = {
  fetch(request) {
    const headers = new Headers({ "x-seen": JSON.stringify([...request.headers]) });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    headers.append("x-multi", "1");
    headers.append("x-multi", "2");
    return new Response(null, { status: 204, headers });
  },
};

export default async (env) => {
  const response = await env.SELF.fetch("http://s/", { headers: { "X-Mixed": "Case", accept: "a/b", "x-empty": "", "content-type": "x/y", cookie: "c=1; d=2" } });
  print("seen", response.headers.get("x-seen"));
  print("cookies", response.headers.getSetCookie(), response.headers.get("x-multi"));
  print("all", [...response.headers.keys()]);
};
