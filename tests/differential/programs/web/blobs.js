// Blob: parts, slices, types.
import { attempt, print } from "lines";

export default async () => {
  const blob = new Blob(["text", new Uint8Array([65, 66]), new Blob(["!"])], { type: "Text/Plain;x" });
  print("blob", blob.size, blob.type, await blob.text());
  print("slice", await blob.slice(1, 3).text(), await blob.slice(-2).text(), blob.slice(1, 2, "a/b").type, blob.slice(5, 2).size);
  print("bytes", await blob.bytes(), await blob.arrayBuffer());
  print("stream", await new Response(blob.stream()).text());
  print("empty", new Blob().size, new Blob().type, new Blob([]).size);
  for (const parts of ["text", 5, {}, null]) await attempt(`parts ${JSON.stringify(parts)}`, () => new Blob(parts).size);
  print("converted", await new Blob([5, null, { a: 1 }]).text());
  const file = new File(["x"], "n/a.txt", { type: "a/b", lastModified: 5 });
  print("file", file.name, file.lastModified, file.type, file instanceof Blob);
  await attempt("file without name", () => new File(["x"]));
};
