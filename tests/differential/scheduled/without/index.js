export default { fetch: () => Response.json("no handler") };
