// URLs and their parts.
import { attempt } from "lines";

export default async () => {
  for (const text of ["HTTP://ExAmPle.com:80/a/./b/../c?d=e f#g h", "https://\u00fcmlaut.de/", "http://[::1]:8080/", "http://1.2.3/", "http://0x7f.1/", "file:///c:/a/../b", "data:text/plain,hi", "http://a/%7Efoo/%zz", "http://a b/", "//x", "http://user:p%40ss@h/", "mailto:a@b", "http://a:99999/", "blob:http://a/b", "http://ex.com./", "http://a/\\b\\c", " http://trimmed/ "]) {
    await attempt(JSON.stringify(text), () => {
      const { href, origin, protocol, username, password, host, pathname, search, hash } = new URL(text);
      return [href, origin, protocol, username, password, host, pathname, search, hash];
    });
  }
};
