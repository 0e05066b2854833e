// onmessage and its like.
import { pause, print } from "lines";

export default async () => {
  const [a, b] = Object.values(new WebSocketPair());
  print("there", "onmessage" in WebSocket.prototype, "onclose" in b);
  let seen;
  b.onmessage = ({ data }) => (seen = data);
  a.accept();
  b.accept();
  a.send("x");
  await pause(20);
  print("seen", seen);
};
