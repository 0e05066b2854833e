export { dispatchScheduled, ScheduledController, ScheduledEvent } from "./scheduled.ts";
export { dispatchTail } from "./tail.ts";
