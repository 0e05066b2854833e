// A close is answered by hand, or by itself; both ends end as closed.
import { pause, print, until } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept();
  b.accept();
  let answered = false;
  b.addEventListener("close", ({ code }) => {
    print("b got", code, b.readyState);
    b.close(4002, "answer");
    print("b closed", b.readyState);
  });
  a.addEventListener("close", ({ code, reason }) => {
    print("a got", code, reason, a.readyState);
    answered = true;
  });
  a.close(4001, "question");
  print("a closing", a.readyState);
  await Promise.race([until(() => answered), pause(200)]);
  print("states", a.readyState, b.readyState);
};
