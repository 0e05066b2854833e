// formData() of bodies as browsers send them.
import { attempt, print } from "lines";

export default async () => {
  const parse = (body, type) => new Response(body, { headers: { "content-type": type } }).formData();
  print("urlencoded", [...await parse("a=1&b=%20x+y&a=&c", "application/x-www-form-urlencoded")]);
  const multipart = '--XX\r\nContent-Disposition: form-data; name="t"\r\n\r\ntext\r\n--XX\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\nContent-Type: a/b\r\n\r\nfile\r\n--XX--\r\n';
  const form = await parse(multipart, "multipart/form-data; boundary=XX");
  print("multipart", form.get("t"), form.get("f").name, form.get("f").type, await form.get("f").text());
  await attempt("no boundary", () => parse(multipart, "multipart/form-data"));
  await attempt("wrong boundary", () => parse(multipart, "multipart/form-data; boundary=YY"));
  await attempt("other type", () => parse("a=1", "text/plain"));
  await attempt("no type", () => new Response(new Uint8Array(1)).formData());
};
