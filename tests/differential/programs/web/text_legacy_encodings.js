// Legacy labels of TextDecoder.
import { attempt } from "lines";

export default async () => {
  for (const label of ["iso-8859-2", "windows-1251", "koi8-r", "shift_jis", "euc-jp", "gbk", "gb18030", "big5", "euc-kr", "macintosh", "x-user-defined", "replacement"]) await attempt(label, () => new TextDecoder(label).decode(new Uint8Array([0xe1, 0xe2, 0x41])));
};
