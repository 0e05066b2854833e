// Values of binaryType.
import { attempt, print, until } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  b.accept();
  for (const type of ["arraybuffer", "blob", "text", "", null]) {
    await attempt(`set ${type}`, () => (b.binaryType = type));
    print("is", b.binaryType);
  }
  for (const type of ["blob", "arraybuffer"]) {
    b.binaryType = type;
    let data;
    b.addEventListener("message", (event) => (data = event.data), { once: true });
    a.send(new Uint8Array([7]));
    await until(() => data !== undefined);
    print(type, Object.prototype.toString.call(data));
  }
};
