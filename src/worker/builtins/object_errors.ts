// What callers of a Durable Object are told when it fails them: errors with the marks that workerd
// and Cloudflare put on them.
//   durableObjectReset  the instance is gone; the next call makes a new one
//   retryable           nothing is wrong with the call: the connection to the object was lost
//   overloaded          it did not get to it: do not try again at once
//   remote              it was thrown on the other side of the call

export interface ErrorMarks {
  remote?: boolean;
  retryable?: boolean;
  overloaded?: boolean;
  durableObjectReset?: boolean;
}

export function markedError(message: string, marks: ErrorMarks): Error {
  return Object.assign(new Error(message), marks);
}

/** `thrown` ended the instance: it, or an error that says what it was. */
export function markReset(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  try {
    (error as ErrorMarks).durableObjectReset = true;
  } catch {
    // Frozen: it goes unmarked.
  }
  return error;
}

export const BLOCK_TIMEOUT_MESSAGE =
  "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled and the Durable Object was reset.";
export const ABORT_MESSAGE = "Application called abort() to reset Durable Object.";
export const OVERLOAD_MESSAGE = "Durable Object is overloaded. Too many requests queued.";
export const EVICTION_MESSAGE = "Durable Object was evicted: nobody called it for a while.";
