// workerd's way to start workers at run time: /<n> answers from a worker that exists from its first
// request on. The source is the one Selvage gets as a project (workloads/cold_start.mjs).
export default {
  fetch(request, env) {
    const number = new URL(request.url).pathname.slice(1);
    if (!number) return new Response("loader");
    const stub = env.LOADER.get(number, () => ({
      compatibilityDate: "2026-11-01",
      mainModule: "index.js",
      modules: { "index.js": env.SOURCE.replace("NUMBER", number) },
      globalOutbound: null,
    }));
    return stub.getEntrypoint().fetch(request);
  },
};
