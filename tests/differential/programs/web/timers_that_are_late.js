// Timers that are all late run in the order in which they were due.
import { pause, print } from "lines";

export default async () => {
  const log = [];
  setTimeout(() => log.push("60"), 60);
  setTimeout(() => log.push("30"), 30);
  setTimeout(() => log.push("0"), 0);
  setTimeout(() => log.push("30 again"), 30);
  const began = Date.now();
  while (Date.now() - began < 100);
  await pause(100);
  print("log", log);
};
