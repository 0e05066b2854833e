// Codes that close() takes and refuses.
import { attempt } from "lines";

export default async () => {
  for (const code of [1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1014, 1015, 2999, 3000, 4000, 4999, 5000, 999, 0, -1, 1000.7, "1000", "x", null, NaN]) {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    b.accept();
    await attempt(`close ${code}`, () => a.close(code));
  }
};
