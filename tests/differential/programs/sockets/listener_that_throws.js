// A message listener that throws: what comes after it.
import { print, until } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  b.accept();
  const seen = [];
  b.addEventListener("message", ({ data }) => {
    seen.push(data);
    if (data === "bad") throw new Error("listener fails");
  });
  a.send("bad");
  a.send("good");
  await until(() => seen.length === 2 || b.readyState === WebSocket.CLOSED);
  print("seen", seen, b.readyState);
};
