// forEach(): arguments, this, and changes meanwhile.
import { print } from "lines";

export default async () => {
  const headers = new Headers({ b: "2", a: "1" });
  headers.forEach(function (value, name, self) {
    print("each", name, value, self === headers, this.marker);
  }, { marker: "this" });
  const seen = [];
  for (const [name] of headers) {
    seen.push(name);
    if (name === "a") headers.append("c", "3");
  }
  print("seen", seen);
};
