// Events at both ends of a pair: order, types, members.
import { print, until } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  const seen = [];
  for (const [name, socket] of [["a", a], ["b", b]]) {
    for (const type of ["open", "message", "close", "error"]) {
      socket.addEventListener(type, (event) => seen.push(`${name} ${event.type} ${event.constructor.name} ${event.target === socket}`));
    }
    socket.accept();
  }
  a.send("x");
  b.send("y");
  a.close(1000, "bye");
  await until(() => seen.filter((line) => line.includes("close")).length > 0 && b.readyState === 3);
  for (const line of seen) print(line);
  print("states", a.readyState, b.readyState);
};
