// What globals are: writable, enumerable, their tags.
import { print } from "lines";

export default async () => {
  print("self", self === globalThis, typeof self.fetch);
  print("tag", Object.prototype.toString.call(globalThis));
  for (const name of ["fetch", "Response", "console", "crypto", "self", "navigator", "setTimeout"]) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
    print(name, descriptor.enumerable, descriptor.configurable);
  }
  print("lengths", fetch.length, Response.length, Request.length, Headers.length, URL.length, setTimeout.length, structuredClone.length);
  print("names", [fetch, setTimeout, structuredClone, atob].map((each) => each.name));
};
