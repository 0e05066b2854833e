// TextEncoder and TextDecoder.
import { attempt, print } from "lines";

export default async () => {
  print("encode", new TextEncoder().encode("a\u00e9\u20ac\ud83d\ude42\ud800"), new TextEncoder().encode().length, new TextEncoder().encoding);
  print("encodeInto", new TextEncoder().encodeInto("a\u20acb", new Uint8Array(4)));
  const decoder = new TextDecoder();
  print("decoder", decoder.encoding, decoder.fatal, decoder.ignoreBOM);
  print("streaming", decoder.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), decoder.decode(new Uint8Array([0xac]), { stream: true }), decoder.decode());
  print("bom", new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 97])).length, new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 97])).length);
  print("replacement", new TextDecoder().decode(new Uint8Array([0xff, 0xc3, 0x28, 0xf0, 0x9f])));
  await attempt("fatal", () => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])));
  for (const label of ["utf8", "UTF-8", "utf-16", "utf-16le", "utf-16be", "latin1", "ascii", "iso-8859-1", "windows-1252", " utf-8 "]) await attempt(`label ${label}`, () => new TextDecoder(label).encoding);
  print("utf-16", new TextDecoder("utf-16le").decode(new Uint8Array([0x61, 0, 0x3d, 0xd8, 0x42, 0xde])));
  await attempt("of text", () => new TextDecoder().decode("x"));
  print("of a view", new TextDecoder().decode(new DataView(new Uint8Array([97, 98]).buffer, 1)));
};
