// How the globals are made.
const keys = (object) => {
  const list = [];
  for (const key in object) list.push(key);
  return list.sort().join(" ");
};
const own = (name) => Object.getOwnPropertyNames(globalThis[name].prototype).sort().join(" ");

export const objects = {
  "keys of Headers": () => keys(new Headers()),
  "keys of Request": () => keys(new Request("http://a")),
  "keys of Response": () => keys(new Response()),
  "keys of URL": () => keys(new URL("http://a")),
  "keys of URLSearchParams": () => keys(new URLSearchParams()),
  "keys of Blob": () => keys(new Blob()),
  "keys of File": () => keys(new File([], "x")),
  "keys of FormData": () => keys(new FormData()),
  "keys of Event": () => keys(new Event("x")),
  "keys of CloseEvent": () => keys(new CloseEvent("x")),
  "keys of MessageEvent": () => keys(new MessageEvent("x", {})),
  "keys of AbortSignal": () => keys(new AbortController().signal),
  "keys of TextDecoder": () => keys(new TextDecoder()),
  "keys of crypto": () => keys(crypto),
  "keys of navigator": () => keys(navigator),
  "keys of WebSocket": () => keys(new WebSocketPair()[0]),
  "members of ReadableStream": () => own("ReadableStream"),
  "members of WritableStream": () => own("WritableStream"),
  "members of TransformStream": () => own("TransformStream"),
  "members of ReadableStreamBYOBReader": () => own("ReadableStreamBYOBReader"),
  "members of DOMException": () => own("DOMException"),
  "members of Body": () => own("Body"),
  "tags": () =>
    [new Headers(), new Request("http://a"), new Response(), new URL("http://a"), new WebSocketPair(), navigator, crypto, performance, scheduler]
      .map((object) => Object.prototype.toString.call(object)),
  "time origin": () => [performance.timeOrigin, new Event("x").timeStamp, origin],
  "user agent": () => navigator.userAgent,
  "timer id": () => typeof setTimeout(() => {}, 0),
};
