import { describe, equal, test, throws } from "../harness.js";

describe("base64");

test("known answers", () => {
  const known = { "": "", f: "Zg==", fo: "Zm8=", foo: "Zm9v", foob: "Zm9vYg==", fooba: "Zm9vYmE=", foobar: "Zm9vYmFy" };
  for (const [plain, encoded] of Object.entries(known)) {
    equal(btoa(plain), encoded);
    equal(atob(encoded), plain);
  }
});

test("every byte", () => {
  let all = "";
  for (let i = 0; i < 256; i++) all += String.fromCharCode(i);
  equal(atob(btoa(all)), all);
});

test("white space is ignored, padding optional", () => {
  equal(atob(" Z\tg\n=\f=\r"), "f");
  equal(atob("Zg"), "f");
  equal(atob("Zm8"), "fo");
});

test("malformed input", () => {
  for (const bad of ["Z", "Zg=", "Zg===", "=", "Z=g=", "Zm9v=", "Z!==", "Zg==Zg==", "Zm9vY"]) {
    throws(() => atob(bad), "InvalidCharacterError");
  }
});

test("btoa() takes characters up to U+00FF", () => {
  equal(btoa("ÿ"), "/w==");
  throws(() => btoa("€"), "InvalidCharacterError");
});

test("values are converted to strings", () => {
  equal(btoa(null), "bnVsbA==");
  equal(btoa(12), "MTI=");
});
