// Messages from nothing to a MiB, in order.
import { print, until } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  b.accept();
  const sizes = [];
  b.addEventListener("message", ({ data }) => sizes.push(data.length ?? data.byteLength ?? data.size));
  for (const size of [0, 1, 125, 126, 65535, 65536, 1 << 20]) {
    a.send("x".repeat(size));
    a.send(new Uint8Array(size));
  }
  await until(() => sizes.length === 14);
  print("sizes", sizes);
};
