/** Whatever goes wrong below is told in JSON. */
export const onRequest: PagesFunction = async ({ next }) => {
  try {
    const response = await next();
    response.headers.set("Cache-Control", "no-store");
    return response;
  } catch (error) {
    return Response.json({ error: String(error) }, { status: 500 });
  }
};
