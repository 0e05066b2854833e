// Dates and Intl: time zone, locales.
import { print } from "lines";

export default async () => {
  print("zone", new Date(0).getTimezoneOffset(), Intl.DateTimeFormat().resolvedOptions().timeZone, new Date(0).toString());
  print("locale", Intl.NumberFormat().resolvedOptions().locale, (1234567.891).toLocaleString(), new Date(0).toLocaleString());
  print("german", (1234.5).toLocaleString("de-DE"), new Date(0).toLocaleDateString("de-DE", { weekday: "long" }));
  print("sort", ["b", "\u00e4", "a"].sort(new Intl.Collator("de").compare));
  print("segments", [...new Intl.Segmenter("en").segment("a\u0301b")].length);
};
