// The same in service worker syntax.
let seen = null;
addEventListener("fetch", (event) => event.respondWith(Response.json(seen)));
addEventListener("scheduled", (event) => {
  seen = { type: event.type, cron: event.cron, time: event.scheduledTime, name: event.constructor.name };
  if (event.cron === "throws") throw new Error("on purpose");
  if (event.cron === "noRetry") event.noRetry();
  event.waitUntil(new Promise((resolve) => setTimeout(resolve, 10)).then(() => (seen.waited = true)));
});
