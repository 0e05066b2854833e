// A Durable Object's alarm is due: serve/alarm_clock.h asks to run its handler, and reads from the
// status of the answer what became of it.
import { natives } from "../../web/builtins/natives.ts";
import type { Instance } from "./actor.ts";
import { actorOf } from "./object_table.ts";
import { objectIdOf } from "./object_id.ts";
import { namespaceId, worker } from "./state.ts";

const { reportException, respondEmpty, storageAlarm, storageBeginAlarm, storageEndAlarm, storageSetAlarm } = natives;

/** As in alarm_clock.cc. */
const Outcome = { done: 200, notDue: 409, failed: 422, interrupted: 503 } as const;

/** workerd's limit for a handler. */
const LONGEST_MS = 15 * 60 * 1000;

interface AlarmInvocationInfo {
  retryCount: number;
  isRetry: boolean;
  scheduledTime: number;
}

type AlarmInstance = Instance & { alarm?: (info: AlarmInvocationInfo) => unknown };

/** `order`: "run <time> <retries>", or "abandon <time>" when it was tried often enough. */
export function dispatchAlarm(
  invocation: InvocationId, className: string, id: string, name: string, order: string,
): void {
  const [what, time, retries] = order.split(" ");
  const objectClass = worker.objectClasses.get(className);
  if (objectClass === undefined) return answer(invocation, Outcome.interrupted);
  const objectId = objectIdOf(id, name === "" ? undefined : name);
  const actor = actorOf(objectClass, namespaceId(worker.name, className), objectId, worker.env);
  const run = (instance: Instance) =>
    what === "run"
      ? runHandler(instance, actor.storageHandle(), Number(time), Number(retries))
      : abandon(actor.storageHandle(), Number(time));
  (actor.enqueue("alarm", Number(time), run) as Promise<number>).then(
    (outcome) => answer(invocation, outcome),
    (error: unknown) => answer(invocation, outcomeOf(error)),
  );
}

function answer(invocation: InvocationId, status: number): void {
  respondEmpty(invocation, status, "", "");
}

async function runHandler(
  instance: AlarmInstance, handle: number, scheduledTime: number, retryCount: number,
): Promise<number> {
  if (!storageBeginAlarm(handle, scheduledTime)) return Outcome.notDue;
  if (typeof instance.alarm !== "function") {
    reportException(
      new Error("Attempted to run a scheduled alarm without a handler, did you remember to export an alarm() function?"),
    );
    storageEndAlarm(handle, true);
    return Outcome.done;
  }
  let timer: unknown;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("Alarm exceeded its allowed execution time")), LONGEST_MS);
    });
    const ended = instance.alarm({ retryCount, isRetry: retryCount > 0, scheduledTime });
    await Promise.race([ended, late]);
  } catch (error) {
    storageEndAlarm(handle, false);
    reportException(error);
    return Outcome.failed;
  } finally {
    clearTimeout(timer as number);
  }
  storageEndAlarm(handle, true);
  return Outcome.done;
}

/** The alarm that was given up is no more, unless the object has another one by now. */
function abandon(handle: number, time: number): number {
  if (storageAlarm(handle) === time) storageSetAlarm(handle, 0, "");
  return Outcome.done;
}

/** The object did not get to an end. What the platform did does not count as a try. */
function outcomeOf(error: unknown): number {
  const ours = error instanceof Error && /code was updated|shut down|evicted/.test(error.message);
  return ours ? Outcome.interrupted : Outcome.failed;
}
