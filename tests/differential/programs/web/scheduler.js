// scheduler.wait().
import { attempt, print } from "lines";

export default async () => {
  print("kind", typeof scheduler, typeof scheduler.wait, Object.prototype.toString.call(scheduler));
  print("wait", await scheduler.wait(1));
  await attempt("nothing", () => scheduler.wait());
};
