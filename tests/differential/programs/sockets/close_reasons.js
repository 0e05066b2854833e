// Reasons that close() takes, and as what they arrive.
import { attempt, print, until } from "lines";

export default async () => {
  for (const [name, args] of Object.entries({ none: [], code: [1000], text: [4000, "reason"], empty: [4000, ""], unicode: [4000, "größe 🙂"], long: [4000, "r".repeat(123)], "too long": [4000, "r".repeat(124)], "wide too long": [4000, "€".repeat(42)], number: [4000, 5], null: [4000, null], undefined: [4000, undefined] })) {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    b.accept();
    let event;
    b.addEventListener("close", (close) => (event = close));
    await attempt(name, () => a.close(...args));
    if (name.startsWith("too") || name.startsWith("wide")) continue;
    await until(() => event !== undefined);
    print(`${name} arrives`, event.code, event.reason, event.wasClean);
  }
};
