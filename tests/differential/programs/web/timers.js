// Timers: order, arguments, clearing, nesting.
import { attempt, print } from "lines";

export default async () => {
  const log = [];
  await new Promise((resolve) => {
    setTimeout(() => log.push("10"), 10);
    setTimeout((a, b) => log.push(`0 ${a} ${b}`), 0, "a", 1);
    const cleared = setTimeout(() => log.push("cleared"), 1);
    clearTimeout(cleared);
    queueMicrotask(() => log.push("microtask"));
    Promise.resolve().then(() => log.push("promise"));
    setTimeout(resolve, 30);
    log.push("sync");
  });
  print("log", log);
  let count = 0;
  await new Promise((resolve) => {
    const interval = setInterval(() => {
      if (++count === 3) {
        clearInterval(interval);
        resolve();
      }
    }, 1);
  });
  print("interval", count);
  print("kind", typeof setTimeout(() => {}, 0));
  await attempt("no callback", () => setTimeout());
  await attempt("text", () => typeof setTimeout("1 + 1"));
  for (const value of [undefined, null, "x", 12345, NaN]) await attempt(`clear ${value}`, () => clearTimeout(value));
};
