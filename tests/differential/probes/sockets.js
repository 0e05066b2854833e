// WebSocketPair.
const wait = () => new Promise((resolve) => setTimeout(resolve, 5));

function pair(accept = true) {
  const [first, second] = Object.values(new WebSocketPair());
  const log = [];
  for (const [name, socket] of [["first", first], ["second", second]]) {
    socket.addEventListener("message", ({ data }) =>
      log.push(`${name} ${typeof data} ${typeof data === "string" ? data : data.constructor.name}`));
    socket.addEventListener("close", ({ code, reason, wasClean }) =>
      log.push(`${name} close ${code}/${reason}/${wasClean}/${socket.readyState}`));
    if (accept) socket.accept();
  }
  return { first, second, log };
}

export const sockets = {
  "a pair": () => {
    const sockets = new WebSocketPair();
    return [Object.keys(sockets), sockets[0].readyState, sockets[0].url, sockets[0].protocol];
  },
  "send before accept": () => pair(false).first.send("x"),
  "close before accept": () => pair(false).first.close(),
  "accept twice": () => pair().first.accept(),
  "messages": async () => {
    const { first, log } = pair();
    first.send("text");
    first.send(5);
    first.send({});
    log.push("sent");
    await wait();
    return log;
  },
  "binary messages": async () => {
    const { first, second, log } = pair();
    second.binaryType = "arraybuffer";
    first.send(new Uint8Array([1, 2]));
    first.send(new ArrayBuffer(2));
    await wait();
    return log;
  },
  "messages before accept": async () => {
    const { first, second, log } = pair(false);
    first.accept();
    first.send("early");
    await wait();
    log.push("accepting");
    second.accept();
    await wait();
    return log;
  },
  "close": async () => {
    const { first, second, log } = pair();
    first.close(4001, "bye");
    log.push(first.readyState);
    await wait();
    log.push(first.readyState, second.readyState);
    return log;
  },
  "close without code": async () => {
    const { first, log } = pair();
    first.close();
    await wait();
    return log;
  },
  "send after close": () => {
    const { first } = pair();
    first.close();
    first.send("x");
  },
  "send after the other's close": async () => {
    const { first, second } = pair();
    first.close();
    await wait();
    second.send("x");
  },
  "close code": () => pair().first.close(1005),
  "close reason": () => pair().first.close(1000, "x".repeat(124)),
  "close reason alone": () => pair().first.close(undefined, "x"),
  "send nothing": () => pair().first.send(),
  "status with a socket": () => new Response(null, { webSocket: pair().first }),
  "clone with a socket": () => new Response(null, { status: 101, webSocket: pair(false).first }).clone(),
  "bad url": () => new WebSocket("nope"),
  "bad scheme": () => new WebSocket("ftp://a"),
  "bad protocol": () => new WebSocket("ws://127.0.0.1:1/", "bad proto"),
};
