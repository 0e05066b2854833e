// navigator.
import { print } from "lines";

export default async () => {
  print("agent", navigator.userAgent);
  for (const name of ["sendBeacon", "language", "languages", "hardwareConcurrency", "platform", "gpu", "storage"]) print(name, typeof navigator[name]);
};
