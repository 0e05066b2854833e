// A request's members by default.
import { print } from "lines";

export default async () => {
  const request = new Request("http://user:pass@host:80/path/../x?q=1#frag");
  for (const name of ["method", "url", "redirect", "cache", "mode", "credentials", "destination", "referrer", "referrerPolicy", "integrity", "keepalive", "bodyUsed", "body", "duplex", "cf", "priority"]) print(name, request[name]);
  print("signal", request.signal instanceof AbortSignal, request.signal.aborted);
  print("headers", [...request.headers]);
};
