// console: its methods.
import { print } from "lines";

export default async () => {
  for (const name of ["log", "info", "warn", "error", "debug", "trace", "assert", "dir", "table", "group", "groupEnd", "count", "countReset", "time", "timeEnd", "timeLog", "clear", "dirxml", "groupCollapsed", "profile", "timeStamp"]) print(name, typeof console[name]);
  print("tag", Object.prototype.toString.call(console));
  print("returns", console.log("from a program"));
};
