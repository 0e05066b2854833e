type Note = PagesFunction<{ NOTES: KVNamespace }, "name">;

export const onRequestGet: Note = async ({ env, params }) => {
  const text = await env.NOTES.get(params.name as string);
  return text === null ? new Response("There is no such note\n", { status: 404 }) : new Response(text);
};

export const onRequestPut: Note = async ({ env, params, request }) => {
  await env.NOTES.put(params.name as string, await request.text());
  return new Response(null, { status: 204 });
};
