interface Env {
  RUNS: KVNamespace;
}

interface Run {
  at: string;
  cron: string;
}

export default {
  // By the clock: see "triggers" in wrangler.toml.
  async scheduled(event, env): Promise<void> {
    const run: Run = { at: new Date(event.scheduledTime).toISOString(), cron: event.cron };
    await env.RUNS.put("last", JSON.stringify(run));
    console.log("ran", run);
  },

  async fetch(_request, env): Promise<Response> {
    const last = await env.RUNS.get<Run>("last", "json");
    return Response.json(last ?? { message: "It has not run yet" });
  },
} satisfies ExportedHandler<Env>;
