// FormData: names, files, order, replacement.
import { print } from "lines";

export default async () => {
  const form = new FormData();
  form.append("a", "1");
  form.append("b", new Blob(["file"], { type: "x/y" }), "name.txt");
  form.append("a", "2");
  print("entries", [...form].map(([name, value]) => [name, typeof value === "string" ? value : `${value.constructor.name} ${value.name} ${value.type} ${value.size}`]));
  print("get", form.get("a"), form.getAll("a"), form.has("b"), form.get("none"));
  form.set("a", "3");
  print("set", [...form.keys()]);
  form.delete("b");
  print("delete", [...form]);
  form.append("n", 5);
  form.append("u", undefined);
  print("converted", form.get("n"), form.get("u"));
};
