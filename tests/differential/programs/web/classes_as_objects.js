// Where members live, and what is enumerable.
import { print } from "lines";

export default async () => {
  for (const name of ["Headers", "Response", "URL", "Event", "AbortSignal", "Blob"]) {
    const { prototype } = globalThis[name];
    const descriptor = Object.getOwnPropertyDescriptor(prototype, Object.getOwnPropertyNames(prototype).find((key) => key !== "constructor"));
    print(name, descriptor.enumerable, descriptor.configurable, Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)?.value, Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)?.enumerable);
  }
  print("assign", Object.assign({}, new Response()), JSON.stringify(new Headers({ a: "b" })), JSON.stringify(new Request("http://a")));
  print("spread", { ...new URL("http://a") }, Object.keys(new Event("x")));
  class MyResponse extends Response {
    get extra() {
      return "extra";
    }
  }
  const mine = new MyResponse("x");
  print("extended", mine instanceof Response, mine.extra, mine.clone() instanceof MyResponse, await mine.text());
};
