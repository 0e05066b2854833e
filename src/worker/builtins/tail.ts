// A tail worker: tail() gets the records of other workers' invocations, as objects.
import { natives } from "../../web/builtins/natives.ts";
import { ExecutionContext, makeContext } from "./context.ts";
import { eventHandler } from "./dispatch.ts";

const { reportException, respondEmpty } = natives;

interface Item {
  event: { request?: object } | null;
  [field: string]: unknown;
}

/** What workerd's items have, and one machine does not know. */
const absent = { dispatchNamespace: undefined, entrypoint: undefined, scriptTags: [], tailAttributes: {} };

function itemOf(record: Item): Item {
  const request = record.event?.request;
  if (request !== undefined) {
    // Secrets are kept from tail workers as from everybody else.
    Object.defineProperty(request, "getUnredacted", { value: () => request, enumerable: false });
  }
  return { ...absent, ...record };
}

export async function dispatchTail(invocation: InvocationId, records: string): Promise<void> {
  const context = makeContext(invocation);
  let succeeded = true;
  try {
    const handler = eventHandler("tail", context);
    if (handler === undefined) throw new Error("Handler does not export a tail() function.");
    await handler((JSON.parse(records) as Item[]).map(itemOf));
  } catch (error) {
    reportException(error);
    succeeded = false;
  }
  if (!(await ExecutionContext.settled(context))) succeeded = false;
  respondEmpty(invocation, succeeded ? 200 : 500, "", "");
}
