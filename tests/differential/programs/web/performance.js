// performance.
import { print } from "lines";

export default async () => {
  print("kind", typeof performance.now(), Object.prototype.toString.call(performance), performance.timeOrigin);
  print("close to the clock", Math.abs(performance.now() - Date.now()) < 1000);
  for (const name of ["mark", "measure", "getEntries", "clearMarks", "toJSON", "eventCounts", "timing"]) print(name, typeof performance[name]);
};
