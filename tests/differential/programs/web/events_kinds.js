// Kinds of events and their members.
import { print } from "lines";

export default async () => {
  print("custom", new CustomEvent("c", { detail: { a: 1 } }).detail, new CustomEvent("c") instanceof Event);
  const message = new MessageEvent("m", { data: [1], origin: "o", lastEventId: "5" });
  print("message", message.data, message.origin, message.lastEventId, message.source);
  const close = new CloseEvent("c", { code: 1000, reason: "r", wasClean: true });
  print("close", close.code, close.reason, close.wasClean, new CloseEvent("c").code);
  const error = new ErrorEvent("e", { message: "m", filename: "f", lineno: 1, colno: 2, error: 5 });
  print("error", error.message, error.filename, error.lineno, error.colno, error.error);
  print("tags", [message, close, error].map((event) => Object.prototype.toString.call(event)));
};
