import { bytes, describe, equal, ok, rejects, test, throws, utf8 } from "../harness.js";

describe("form_data");

test("a list of entries", async () => {
  const form = new FormData();
  form.append("a", "1");
  form.append("b", 2);
  form.append("a", "3");
  form.append("f", new Blob(["x"], { type: "t/x" }));
  form.append("g", new File(["y"], "y.txt"), "renamed.txt");
  equal(form.get("a"), "1");
  equal(form.getAll("a"), ["1", "3"]);
  equal(form.get("b"), "2");
  equal(form.get("none"), null);
  equal([form.has("a"), form.has("none")], [true, false]);
  ok(form.get("f") instanceof File);
  equal([form.get("f").name, form.get("f").type, form.get("g").name], ["blob", "t/x", "renamed.txt"]);
  form.set("a", "4");
  equal([...form.keys()], ["a", "b", "f", "g"]);
  form.delete("b");
  equal([...form].map(([name]) => name), ["a", "f", "g"]);
  form.set("new", "5");
  equal(form.get("new"), "5");
  const seen = [];
  form.forEach((value, name) => seen.push(name));
  equal(seen, ["a", "f", "g", "new"]);
  ok(form.get("f") === form.get("f"));
});

test("multipart, there and back", async () => {
  const form = new FormData();
  form.append("text", "häl€o");
  form.append("empty", "");
  form.append('na"me\r\n', "quoted");
  form.append("file", new File([bytes(0, 13, 10, 45, 45, 255)], 'f"1.bin', { type: "application/x-y" }));
  form.append("none", new File([], "empty.txt"));
  const response = new Response(form);
  const type = response.headers.get("content-type");
  ok(type.startsWith("multipart/form-data; boundary="), type);
  const back = await response.formData();
  equal([...back.keys()].length, 5);
  equal(back.get("text"), "häl€o");
  equal(back.get("empty"), "");
  equal(back.get('na"me\r\n'), "quoted");
  const file = back.get("file");
  equal([file.name, file.type], ['f"1.bin', "application/x-y"]);
  equal(await file.bytes(), bytes(0, 13, 10, 45, 45, 255));
  equal(back.get("none").size, 0);
});

test("two messages have two boundaries", () => {
  const type = () => new Response(new FormData()).headers.get("content-type");
  ok(type() !== type());
});

test("multipart as others write it", async () => {
  const body =
    "preamble\r\n--b 1\r\nContent-Disposition: form-data; name=plain\r\n\r\nvalue\r\n" +
    '--b 1\r\ncontent-type: text/plain; charset=utf-8\r\nContent-Disposition:form-data;name="f";filename="x.txt"\r\n' +
    "X-Other: 1\r\n\r\nline\r\n\r\n--not the boundary\r\n--b 1--\r\nepilogue";
  const form = await new Response(body, {
    headers: { "content-type": 'Multipart/Form-Data; charset=x; boundary="b 1"' },
  }).formData();
  equal(form.get("plain"), "value");
  equal(form.get("f").name, "x.txt");
  equal(await form.get("f").text(), "line\r\n\r\n--not the boundary");
});

test("urlencoded", async () => {
  const form = await new Response(new URLSearchParams([["a", "1 2"], ["b", "ä&="], ["a", ""]])).formData();
  equal([...form], [["a", "1 2"], ["b", "ä&="], ["a", ""]]);
});

test("what is no form", async () => {
  await rejects(new Response("a=b").formData(), TypeError, "Unrecognized Content-Type");
  await rejects(new Response("x", { headers: { "content-type": "multipart/form-data" } }).formData(), TypeError);
  const broken = (body) =>
    new Response(body, { headers: { "content-type": "multipart/form-data; boundary=b" } }).formData();
  await rejects(broken(""), TypeError);
  await rejects(broken("no boundary"), TypeError);
  await rejects(broken("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nno end"), TypeError);
  await rejects(broken("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"), TypeError);
});

test("wrong arguments", () => {
  const form = new FormData();
  throws(() => form.append("a"), TypeError);
  throws(() => form.append("a", "text", "filename"), TypeError);
  throws(() => new FormData({}), TypeError);
});

test("bytes of a text value are kept", async () => {
  const form = new FormData();
  form.append("n", "a\nb");
  const raw = await new Response(form).text();
  ok(raw.includes("a\nb") || raw.includes("a\r\nb"));
  equal(utf8("x").length, 1);
});
