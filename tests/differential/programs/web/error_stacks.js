// What a stack looks like: its first line, and that it has frames.
import { print } from "lines";

export default async () => {
  const error = new RangeError("message");
  print("first line", error.stack.split("\n")[0]);
  print("frames", /^ {4}at /.test(error.stack.split("\n")[1]));
  print("prepared", typeof Error.prepareStackTrace, typeof Error.stackTraceLimit);
  const target = {};
  Error.captureStackTrace(target);
  print("captured", target.stack.split("\n")[0]);
};
