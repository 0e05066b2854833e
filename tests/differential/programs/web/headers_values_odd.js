// Values and names that are refused or changed.
import { attempt } from "lines";

export default async () => {
  for (const value of ["tab\there", "new\nline", "nul\0", "\u00e9", "\u20ac", " \t trimmed \r\n", "\x7f"]) await attempt(JSON.stringify(value), () => new Headers({ a: value }).get("a"));
  for (const name of ["", "a b", "a:b", "ä", "a\n", "(", "a_b", "a.b", "0"]) await attempt(`name ${JSON.stringify(name)}`, () => [...new Headers({ [name]: "v" }).keys()]);
};
