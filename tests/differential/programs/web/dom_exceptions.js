// DOMException: names, codes, as an Error.
import { print } from "lines";

export default async () => {
  const exception = new DOMException("message", "NotFoundError");
  print("members", exception.name, exception.message, exception.code, exception instanceof Error, String(exception));
  print("default", new DOMException().name, new DOMException().message, new DOMException("x").code);
  print("codes", ["AbortError", "DataCloneError", "QuotaExceededError", "NotSupportedError", "Unknown"].map((name) => new DOMException("", name).code));
  print("constants", DOMException.ABORT_ERR, DOMException.prototype.DATA_CLONE_ERR);
  print("stack", typeof exception.stack, Object.prototype.toString.call(exception));
};
