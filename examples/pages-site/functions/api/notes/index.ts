export const onRequestGet: PagesFunction<{ NOTES: KVNamespace }> = async ({ env }) => {
  const { keys } = await env.NOTES.list();
  return Response.json(keys.map((key) => key.name));
};
