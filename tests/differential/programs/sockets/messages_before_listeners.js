// Messages that were sent before accept() wait for it.
import { print, until } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  a.send("one");
  a.send("two");
  a.close(4000, "early");
  const seen = [];
  b.addEventListener("message", ({ data }) => seen.push(data));
  b.addEventListener("close", ({ code }) => seen.push(code));
  b.accept();
  await until(() => seen.includes(4000));
  print("seen", seen);
};
