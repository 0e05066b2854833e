// Binary messages as buffers, views and blobs.
import { attempt, print, until } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  b.accept();
  const seen = [];
  b.addEventListener("message", ({ data }) => seen.push(data));
  print("default", b.binaryType);
  const bytes = new Uint8Array([1, 2, 3, 4]);
  a.send(bytes);
  a.send(bytes.subarray(1, 3));
  a.send(bytes.buffer);
  a.send(new Uint16Array([1, 2]));
  a.send(new DataView(bytes.buffer, 2));
  await attempt("blob", () => a.send(new Blob(["x"])));
  a.send("last");
  await until(() => seen.includes("last"));
  for (const data of seen) print(Object.prototype.toString.call(data), typeof data === "string" ? data : new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data));
};
