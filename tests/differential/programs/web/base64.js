// atob() and btoa().
import { attempt, print } from "lines";

export default async () => {
  for (const text of ["", "a", "ab", "abc", "\u00ff\u0000", "\u20ac"]) await attempt(`btoa ${JSON.stringify(text)}`, () => btoa(text));
  for (const text of ["", "YQ==", "YQ", "Y Q\n==", "YQ=", "Y", "Y===", "YW-_", "\u00e9", "AAAA=", "=", "YWI=YWI="]) await attempt(`atob ${JSON.stringify(text)}`, () => atob(text));
  print("converted", btoa(5), btoa(null), atob("MQ=="));
};
