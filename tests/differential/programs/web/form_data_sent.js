// A form as a body: its text, but for the boundary, and read back.
import { print } from "lines";

export default async () => {
  const form = new FormData();
  form.append("field", "value \u00e9\r\nline");
  form.append("file", new File(["content"], "f\"1\".txt", { type: "text/x" }));
  const response = new Response(form);
  const type = response.headers.get("content-type");
  const [, boundary] = /boundary="?([^"]+)/.exec(type);
  print("type", type.replace(boundary, "B"));
  const text = await response.clone().text();
  print("parts", text.split(`--${boundary}`).length);
  const simple = new FormData();
  simple.append("a", "1");
  simple.append("f", new File(["x"], "x.bin"));
  const back = await new Response(simple).formData();
  print("back", back.get("a"), back.get("f").name, back.get("f").type, await back.get("f").text());
};
