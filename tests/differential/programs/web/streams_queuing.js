// Queuing strategies.
import { attempt, pause, print } from "lines";

export default async () => {
  print("count", new CountQueuingStrategy({ highWaterMark: 3 }).highWaterMark, new CountQueuingStrategy({ highWaterMark: 1 }).size("x"));
  print("bytes", new ByteLengthQueuingStrategy({ highWaterMark: 9 }).size(new Uint8Array(4)));
  let pulls = 0;
  new ReadableStream({ pull(controller) { controller.enqueue(++pulls); } }, { highWaterMark: 3 });
  await pause(5);
  print("pulls", pulls);
  let lazy = 0;
  new ReadableStream({ pull() { ++lazy; } }, { highWaterMark: 0 });
  await pause(5);
  print("lazy", lazy);
  let size;
  new ReadableStream({ start(controller) { size = [controller.desiredSize]; controller.enqueue("x"); size.push(controller.desiredSize); } });
  print("desired", size);
  await attempt("negative", () => new ReadableStream({}, { highWaterMark: -1 }));
};
