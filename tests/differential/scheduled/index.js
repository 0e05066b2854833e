// What scheduled() sees, and what comes of what it does, by the name in its cron.
let seen = null;

export default {
  fetch: () => Response.json(seen),
  async scheduled(event, env, ctx) {
    seen = {
      arguments: arguments.length,
      receiver: this === undefined ? "none" : typeof this,
      own: Object.getOwnPropertyNames(event).sort(),
      tag: Object.prototype.toString.call(event),
      cron: event.cron,
      scheduledTime: event.scheduledTime > 1e12 && event.cron !== "time" ? typeof event.scheduledTime : event.scheduledTime,
      environment: env.WORD,
      context: Object.prototype.toString.call(ctx),
    };
    try {
      event.cron = "changed";
    } catch (error) {
      seen.assignment = error.name;
    }
    seen.after = event.cron;
    switch (event.cron) {
      case "throws":
        throw new Error("on purpose");
      case "noRetry":
        seen.noRetry = event.noRetry();
        break;
      case "noRetry, throws":
        event.noRetry();
        throw new Error("on purpose");
      case "waits":
        ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)).then(() => (seen.waited = true)));
        break;
      case "waits twice":
        ctx.waitUntil(
          new Promise((resolve) => setTimeout(resolve, 5)).then(() => {
            ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 5)).then(() => (seen.waited = "twice")));
          }),
        );
        break;
      case "waits in vain":
        ctx.waitUntil(Promise.reject(new Error("on purpose")));
        break;
      case "hangs":
        await new Promise(() => {});
        break;
      case "value":
        return { some: "value" };
      case "timer":
        await new Promise((resolve) => setTimeout(resolve, 5));
        break;
      case "not awaited":
        setTimeout(() => (seen.late = true), 1);
        break;
      case "rejection":
        void Promise.reject(new Error("nobody handles this"));
        break;
    }
    return undefined;
  },
};
