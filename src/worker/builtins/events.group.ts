export { dispatchScheduled, ScheduledController, ScheduledEvent } from "./scheduled.ts";
